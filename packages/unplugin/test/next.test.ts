import { createRequire } from 'node:module'
import { matchesGlob } from 'node:path'
import { expect, test, vi } from 'vitest'
import nobg from '../src/next.ts'

type Condition = { query?: RegExp; all?: Condition[]; any?: Condition[]; not?: Condition }

interface Rule {
  condition: Condition
  loaders: { loader: string; options: { identity?: string; format?: string } }[]
  as: string
}

function holds({ query, all = [], any, not }: Condition, text: string): boolean {
  if (query && !query.test(text)) return false
  if (not && holds(not, text)) return false
  return all.every(one => holds(one, text)) && (any?.some(one => holds(one, text)) ?? true)
}

const options = {
  enabled: true,
  presets: {
    hero: { outputFormat: 'webp' },
    'small-hero': { outputFormat: 'avif' },
    été: { outputFormat: 'webp' },
    plain: { outputFormat: 'png' },
  },
} as const

/** The types that the matching rules give to a query's picture. */
function typesOf(query: string): string[] {
  const { turbopack } = nobg(options)<{ turbopack?: { rules: Record<string, Rule[]> } }>({})
  const [rules] = Object.values(turbopack?.rules ?? {})
  return rules.filter(({ condition }) => holds(condition, query)).map(rule => rule.as)
}

test.for([
  ['?nobg', ['*.png']],
  ['?crop&nobg', ['*.png']],
  ['?nobg&outputFormat=webp', ['*.webp']],
  ['?outputFormat=avif&nobg', ['*.avif']],
  ['?nobg=hero', ['*.webp']],
  ['?nobg=small-hero&crop', ['*.avif']],
  ['?nobg=portrait', ['*.png']],
  ['?nobg=hero&outputFormat=png', ['*.png']],
  ['?outputFormat=avif&nobg=hero', ['*.avif']],
  ['?nobg=plain', ['*.png']],
  ['?nobg=Hero', ['*.png']],
  ['?nobg=heroine', ['*.png']],
  ['?nobg&outputFormat=WebP', ['*.webp']],
  ['?nobg&output%46ormat=%61Vi%66', ['*.avif']],
  ['?nobg=h%65ro', ['*.webp']],
  ['?nobg=été', ['*.webp']],
  ['?nobg=%C3%A9t%c3%a9', ['*.webp']],
  ['?nobg?outputFormat=webp', ['*.webp']],
  ['?nobg&output_format=webp', ['*.webp']],
  ['?nobg=hero&output-format=avif', ['*.avif']],
  ['?nobg&outputFormats=webp', ['*.png']],
  ['', []],
  ['?nobgx', []],
] as const)('Turbopack reads the result of %s as %o', ([query, types]) => {
  expect(typesOf(query)).toEqual(types)
})

test('the configuration keeps its webpack function and Turbopack rules, and may be a function', async () => {
  const own = {
    reactStrictMode: true,
    turbopack: { root: '/', rules: { '*.svg': { loaders: [] } } },
    webpack: (config: { plugins: object[] }) => ({ ...config, mine: true }),
  }
  const config = nobg(options)(own)
  expect(Object.keys(config.turbopack.rules)).toHaveLength(2)
  expect(config).toMatchObject({ reactStrictMode: true, turbopack: { root: '/' } })
  expect(config.webpack({ plugins: [] })).toMatchObject({ mine: true, plugins: [{}] })
  const created = await nobg(options)(async () => own)()
  expect(Object.keys(created.turbopack.rules)).toHaveLength(2)
})

test('if nobg is off there is no rule; functions and stores are not passed to workers', () => {
  expect(nobg({ enabled: false })({})).toMatchObject({ turbopack: { rules: {} } })
  const store = { get() {}, set() {}, delete() {}, clear() {} }
  const { turbopack } = nobg({ ...options, store, onCutout() {} })<{
    turbopack?: { rules: Record<string, Rule[]> }
  }>({})
  expect(Object.values(turbopack?.rules ?? {})[0][0].loaders[0].options).toEqual({
    ...options,
    format: 'png',
    identity: expect.stringMatching(/^[\da-f]{16}$/),
  })
})

test.for(['cat.jpg', 'CAT.JPG', 'Cat.Jpg', 'scan.TIFF', 'logo.svg', 'photo.heic'])(
  'there is a rule for %s',
  name => {
    const { turbopack } = nobg(options)<{ turbopack?: { rules: Record<string, Rule[]> } }>({})
    const globs = Object.keys(turbopack?.rules ?? {})
    expect(globs.some(glob => matchesGlob(name, glob))).toBe(true)
  },
)

test('the loader in the rules exists', () => {
  expect(createRequire(import.meta.url).resolve('unplugin-nobg/loader')).toMatch(/src\/loader\.ts$/)
})

test('the environment is part of the options that Turbopack passes to the loader', () => {
  const identify = () => {
    const { turbopack } = nobg(options)<{ turbopack?: { rules: Record<string, Rule[]> } }>({})
    return Object.values(turbopack?.rules ?? {})[0][0].loaders[0].options.identity
  }
  const before = identify()
  vi.stubEnv('NOBG_SUBSTITUTE', 'u2netp')
  expect(identify()).not.toBe(before)
  vi.unstubAllEnvs()
  expect(identify()).toBe(before)
})

test("the server's packages are external, besides the user's", () => {
  const { serverExternalPackages } = nobg(options)({ serverExternalPackages: ['mine', 'sharp'] })
  expect(serverExternalPackages).toEqual(
    expect.arrayContaining(['mine', 'sharp', '@nobg/core', '@nobg/sharp']),
  )
  expect(new Set(serverExternalPackages).size).toBe(serverExternalPackages.length)
})

test.for([
  ['error', true],
  ['warn', true],
  ['ignore', false],
] as const)("unprocessed: '%s' checks the output of a build: %s", async ([unprocessed, isChecked]) => {
  const runs: string[] = []
  const own = { compiler: { runAfterProductionCompile: async () => void runs.push('own') } }
  const { compiler } = nobg({ ...options, unprocessed })(own)
  expect(compiler === own.compiler).toBe(!isChecked)
  await (compiler.runAfterProductionCompile as (compiled: object) => Promise<void>)({
    projectDir: '/nowhere',
    distDir: '/nowhere/.next',
  })
  expect(runs).toEqual(['own'])
})

test('a wrong option is an error in the configuration', () => {
  expect(() => nobg({ preset: {} } as object)).toThrow(/presets/)
})
