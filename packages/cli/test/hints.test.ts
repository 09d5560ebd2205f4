import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Command } from 'commander'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { spellHint } from '../src/report/spell-hint.ts'
import { createProgram } from '../src/run.ts'
import { makeDir, program } from './support/workspace.ts'

const packages = resolve(import.meta.dirname, '../..')

function readSources(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => readFileSync(join(dir, name), 'utf8'))
}

const listFlags = (command: Command): string[] => [
  ...command.options.flatMap(({ long, short }) => [long ?? '', short ?? '']),
  ...command.commands.flatMap(listFlags),
]

describe('hints', () => {
  const flags = new Set([
    ...listFlags(createProgram({ signal: new AbortController().signal, exit() {} })),
    '--help',
    '--no-',
    // Flags of Node, npm and V8.
    '--import',
    '--include',
    '--os',
    '--cpu',
    '--libc',
    '--heap-growing-percent',
  ])

  test('of the command line name flags that exist', () => {
    const texts = readSources(join(packages, 'cli/src')).flatMap(text =>
      [...text.matchAll(/(['`])((?:(?!\1).)*)\1/g)].map(match => match[2]),
    )
    const named = texts.flatMap(text => text.match(/(?<![\w-])--[a-z][a-z-]*/g) ?? [])
    expect(named.length).toBeGreaterThan(20)
    expect(named.filter(flag => !flags.has(flag))).toEqual([])
  })

  test('of core name flags in place of config fields', () => {
    const hints = readSources(join(packages, 'core/src')).flatMap(text =>
      [...text.matchAll(/hint: (['"`])(.*)\1/g)].map(match => match[2].replaceAll('\\`', '`')),
    )
    expect(hints.length).toBeGreaterThan(20)
    for (const hint of hints) {
      const spelled = spellHint(hint) ?? ''
      for (const flag of spelled.match(/(?<![\w-])--[a-z][a-z-]*/g) ?? []) expect(flags).toContain(flag)
      expect(spelled).not.toMatch(
        /`(maxBytes|maxPixels|timeoutMs|concurrency|modelsDir|modelsUrl|executionProviders)`|\bconfig\b/,
      )
    }
  })

  test.each([
    ['Raise `maxBytes`, or give a smaller file.', 'Raise --max-bytes, or give a smaller file.'],
    [
      'Free disk space, or choose another folder: `modelsDir` in the config, or NOBG_MODELS_DIR.',
      'Free disk space, or choose another folder: --models-dir, or NOBG_MODELS_DIR.',
    ],
    ['Correct `modelsUrl` in the config, or NOBG_MODELS_URL.', 'Correct NOBG_MODELS_URL.'],
    ["Try with the config field memory: 'fast'.", 'Try with --memory fast.'],
    ["The models are x. Describe yours in the config's `models`.", 'The models are x.'],
    [
      "For one image: { model: 'u2netp' }. For all images: the config field substitute: 'u2netp', or NOBG_SUBSTITUTE=u2netp.",
      'For one image: --model u2netp. For all images: --substitute u2netp, or NOBG_SUBSTITUTE=u2netp.',
    ],
    [
      'Try another model. Or set `allowEmpty` to get the empty cutout.',
      'Try another model. Or set --allow-empty to get the empty cutout.',
    ],
    [undefined, undefined],
  ])('%j is %j', (hint, spelled) => {
    expect(spellHint(hint)).toBe(spelled)
  })
})

describe('another runtime', () => {
  test.each([
    [{ bun: '1.4.5' }, 'Bun 1.4.5: run it with Node: npx nobg.'],
    [{ deno: '2.9.6' }, 'Deno 2.9.6: run it with Node: npx nobg.'],
    [{ node: '22.18.0' }, 'Node 22.18.0: install a newer Node.'],
    [{ node: '20.19.0' }, 'Node 20.19.0: install a newer Node.'],
  ])('%j gets an error of one sentence', async (versions, reason) => {
    const disguise = join(makeDir(), 'disguise.mjs')
    writeFileSync(
      disguise,
      `Object.defineProperty(process, 'versions', { value: { ...process.versions, ...${JSON.stringify(versions)} } })`,
    )
    const args = ['--import', pathToFileURL(disguise).href, program, 'cat.jpg']
    const { exitCode, stderr } = await execa(process.execPath, args, { reject: false })
    expect([exitCode, stderr]).toEqual([1, `nobg: Expected Node 22.19 or newer, got ${reason}`])
  })
})
