import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { globSync } from 'tinyglobby'
import { expect, test } from 'vitest'
import { REPOSITORY, readPage } from '../../src/docs/markdown.ts'

/** Texts of other programs. */
const FOREIGN = ["Cannot find module './…?nobg' or its corresponding type declarations"]

const sources = globSync('packages/{astro,cli,core,sharp,unplugin}/src/**/*.ts', { cwd: REPOSITORY }).map(
  file => readFileSync(resolve(REPOSITORY, file), 'utf8'),
)
const headings = [...readPage('docs/troubleshooting.md').matchAll(/^## `(.*)`$/gm)].map(([, text]) => text)

test('the page of error texts has error texts', () => {
  expect(headings.length).toBeGreaterThan(15)
})

test.each(headings.filter(text => !FOREIGN.includes(text)))('the code has the error text “%s”', text => {
  const parts = text.split('…').filter(part => /\w/.test(part))
  expect(sources.filter(source => parts.every(part => source.includes(part)))).not.toEqual([])
})
