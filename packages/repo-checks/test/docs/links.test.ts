import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { listAnchors, listLinks, listPages, REPOSITORY, readPage } from '../../src/docs/markdown.ts'

const pages = listPages()

test('finds READMEs and pages', () => {
  expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/mattes.md', 'packages/cli/README.md']))
})

test.each(pages)('the links of %s lead to files and headings that exist', page => {
  const broken = listLinks(page).filter(({ file, anchor }) => {
    if (file === undefined) return false
    if (!existsSync(resolve(REPOSITORY, file))) return true
    return anchor !== '' && file.endsWith('.md') && !listAnchors(readPage(file)).has(anchor)
  })
  expect(broken.map(({ href }) => href)).toEqual([])
})

test('an anchor that does not exist is found', () => {
  expect(listAnchors('# A `b` c\n```sh\n# not a heading\n```\n## A b c\n')).toEqual(
    new Set(['a-b-c', 'a-b-c-1']),
  )
})
