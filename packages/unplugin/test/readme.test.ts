import { readFileSync } from 'node:fs'
import { optionNames } from '@nobg/core'
import { expect, test } from 'vitest'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

test.for(optionNames)('the README explains %s', name => {
  expect(readme).toContain(`| \`${name}\` |`)
})
