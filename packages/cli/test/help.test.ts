import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { optionNames, optionsSchema, spellOption } from '@nobg/core/internal'
import { describe, expect, test } from 'vitest'
import { EXIT_CODES } from '../src/exit-codes.ts'
import { separateBareFlags, spellFlag } from '../src/flags.ts'
import { openWorkspace } from './support/workspace.ts'

const workspace = openWorkspace()
const readme = await readFile(resolve(import.meta.dirname, '../README.md'), 'utf8')

describe('help', () => {
  test('has every option of the schema, with its description', async () => {
    const { code, stdout } = await workspace.run(['--help'], { COLUMNS: '400' })
    expect(code).toBe(0)
    for (const name of optionNames) {
      const { description = '' } = optionsSchema.shape[name]
      const line = stdout.split('\n').find(line => line.includes(`${spellFlag(name)} `))
      expect(line).toContain(`--${spellOption(name, 'kebab')}`)
      expect(line).toContain(description)
    }
    for (const word of ['-m, --model', '-f, --format', '--mask', '--background', '--crop [margin]']) {
      expect(stdout).toContain(word)
    }
    expect(stdout).toContain('--no-refine-foreground')
  })

  test.each(['compare', 'models', 'mattes', 'cache', 'types', 'serve', 'worker'])(
    'prints the help of %s',
    async command => {
      const { code, stdout } = await workspace.run([command, '--help'])
      expect(code).toBe(0)
      expect(stdout).toContain(`Usage: nobg ${command}`)
    },
  )

  test.each([
    ['compare', 'Default: #12a594.'],
    ['serve', 'Requests that run at the same time (default: one per core, at least 2, at most 16'],
    ['worker', 'Requests that run at the same time (default: one per core, at least 2, at most 16'],
  ])('of %s has its own default: %s', async (command, text) => {
    const { stdout } = await workspace.run([command, '--help'])
    expect(stdout.replace(/\s+/g, ' ')).toContain(text)
  })

  test('can be requested by the word help', async () => {
    expect(await workspace.run(['help', 'models'])).toEqual(await workspace.run(['models', '--help']))
    expect(await workspace.run(['help'])).toEqual(await workspace.run(['--help']))
  })

  test('--version prints the version', async () => {
    const { version } = JSON.parse(await readFile(resolve(import.meta.dirname, '../package.json'), 'utf8'))
    expect(await workspace.start(['--version'])).toEqual({ code: 0, stdout: version, stderr: '' })
  })
})

describe('a bare flag before a file', () => {
  test.each([
    ['--crop a.jpg', '--crop=true a.jpg'],
    ['--crop 24 a.jpg', '--crop 24 a.jpg'],
    ['--crop 5% a.jpg', '--crop 5% a.jpg'],
    ['--crop=5% a.jpg', '--crop=5% a.jpg'],
    ['a.jpg --crop', 'a.jpg --crop=true'],
    ['--crop --mask a.jpg', '--crop=true --mask a.jpg'],
    ['--refine-foreground blur-fusion a.jpg', '--refine-foreground blur-fusion a.jpg'],
    ['--refine-foreground a.jpg', '--refine-foreground=true a.jpg'],
    ['--mask a.jpg', '--mask a.jpg'],
    ['-- --crop a.jpg', '-- --crop a.jpg'],
  ])('%s', (words, separated) => {
    expect(separateBareFlags(words.split(' '))).toEqual(separated.split(' '))
  })
})

test.each(Object.entries(EXIT_CODES))('the README has %s as %i', (code, number) => {
  const row = readme.split('\n').find(line => line.startsWith(`| ${number} |`))
  expect(row).toContain(`\`${code}\``)
})
