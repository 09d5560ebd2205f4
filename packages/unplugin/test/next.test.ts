import { createRequire } from 'node:module'
import { matchesGlob } from 'node:path'
import { expect, test } from 'vitest'
import nobg from '../src/next.ts'

interface Rule {
  condition: { all: [{ query: RegExp }, { query?: RegExp; not?: { any: { query: RegExp }[] } }] }
  loaders: { loader: string; options: object }[]
  as: string
}

const options = {
  enabled: true,
  presets: { hero: { outputFormat: 'webp' }, 'small-hero': { outputFormat: 'avif' } },
} as const

/** What a query's picture is taken for: the rules that hold for it. */
function typesOf(query: string): string[] {
  const { turbopack } = nobg(options)<{ turbopack?: { rules: Record<string, Rule[]> } }>({})
  const [rules] = Object.values(turbopack?.rules ?? {})
  const holds = ({
    condition: {
      all: [marked, own],
    },
  }: Rule) =>
    marked.query.test(query) &&
    (own.query?.test(query) ?? !own.not?.any.some(other => other.query.test(query)))
  return rules.filter(holds).map(rule => rule.as)
}

test.for([
  ['?nobg', ['*.png']],
  ['?crop&nobg', ['*.png']],
  ['?nobg&outputFormat=webp', ['*.webp']],
  ['?outputFormat=avif&nobg', ['*.avif']],
  ['?nobg=hero', ['*.webp']],
  ['?nobg=small-hero&crop', ['*.avif']],
  ['?nobg=portrait', ['*.png']],
  ['', []],
  ['?nobgx', []],
] as const)('Turbopack takes %s for %o', ([query, types]) => {
  expect(typesOf(query)).toEqual(types)
})

test("what the configuration had stays: webpack's function, Turbopack's rules, functions as configurations", async () => {
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

test('switched off there is no rule; functions and stores do not go to workers', () => {
  expect(nobg({ enabled: false })({})).toMatchObject({ turbopack: { rules: {} } })
  const store = { get() {}, set() {}, delete() {}, clear() {} }
  const { turbopack } = nobg({ ...options, store, onCutout() {} })<{
    turbopack?: { rules: Record<string, Rule[]> }
  }>({})
  expect(Object.values(turbopack?.rules ?? {})[0][0].loaders[0].options).toEqual(options)
})

test.for(['cat.jpg', 'CAT.JPG', 'scan.TIFF', 'logo.svg', 'photo.heic'])('there is a rule for %s', name => {
  const { turbopack } = nobg(options)<{ turbopack?: { rules: Record<string, Rule[]> } }>({})
  const globs = Object.keys(turbopack?.rules ?? {})
  expect(globs.some(glob => matchesGlob(name, glob))).toBe(true)
})

test('the loader is where the rules say', () => {
  expect(createRequire(import.meta.url).resolve('unplugin-nobg/loader')).toMatch(/src\/loader\.ts$/)
})

test('a slip in the options stops at the configuration', () => {
  expect(() => nobg({ preset: {} } as object)).toThrow(/presets/)
})
