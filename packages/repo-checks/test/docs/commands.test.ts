import { expect, test } from 'vitest'
import { createProgram } from '../../../cli/src/run.ts'
import { findCodeBlocks, listPages, readPage } from '../../src/docs/markdown.ts'

const program = createProgram({ signal: new AbortController().signal, exit: () => {} })

/** The nobg commands of all pages: words after `npx nobg` or `nobg`, up to the next command, redirection or comment. */
const commands = listPages().flatMap(page => {
  const text = readPage(page)
  const blocks = findCodeBlocks(text).filter(({ language }) => language === 'sh')
  const short = blocks.flatMap(({ code }) => code.match(/(?<=^nobg )[^\n]+/gm) ?? [])
  const all = [...short, ...(text.match(/(?<=npx nobg )[^`\n]+/g) ?? [])]
  return all.map(words => [page, words.replace(/\s*(?:[|<>#;)]|&&).*/, '').trim()] as const)
})

test('finds commands', () => {
  expect(commands.length).toBeGreaterThan(60)
  expect(commands.map(([, words]) => words)).toContain('mattes --mattes mattes --check')
})

test('each nobg command of the pages exists, with its flags', () => {
  const wrong = commands.filter(([, words]) => !isKnown(words))
  expect(wrong).toEqual([])
})

test('an unknown flag and an unknown command are found', () => {
  expect(isKnown('serve --prot 3000')).toBe(false)
  expect(isKnown('models pul general-light')).toBe(false)
})

function isKnown(words: string): boolean {
  let command = program
  const rest = words.split(/\s+/)
  while (command.commands.some(child => child.name() === rest[0])) {
    const name = rest.shift()
    command = command.commands.find(child => child.name() === name)!
  }
  // A command that only has commands below it takes no other word.
  const isComplete =
    command === program || command.registeredArguments.length > 0 || !/^[a-z]/.test(rest[0] ?? '')
  const known = command.options.flatMap(({ short, long }) => [short, long])
  return (
    isComplete &&
    rest.filter(word => /^--?[a-z]/.test(word)).every(flag => known.includes(flag.split('=')[0]))
  )
}
