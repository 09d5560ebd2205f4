import { expect, test } from 'vitest'
import { type Config, resolveConfig } from '../../src/pipeline/config.ts'

test.each<[Config, NodeJS.ProcessEnv, Partial<Config>]>([
  [{}, {}, { download: true, modelsUrl: undefined, keepOriginalWeights: true }],
  [{}, { NOBG_OFFLINE: '1' }, { download: false }],
  [{ download: true }, { NOBG_OFFLINE: 'true' }, { download: false }],
  [{ download: false }, { NOBG_OFFLINE: '0' }, { download: false }],
  [{}, { NOBG_OFFLINE: '' }, { download: true }],
  [{}, { NOBG_OFFLINE: ' No ' }, { download: true }],
  [{}, { NOBG_MODELS_URL: 'https://a.example' }, { modelsUrl: 'https://a.example' }],
  [{}, { NOBG_MODELS_URL: '' }, { modelsUrl: undefined }],
  [
    { modelsUrl: 'https://b.example' },
    { NOBG_MODELS_URL: 'https://a.example' },
    { modelsUrl: 'https://b.example' },
  ],
])('%j in %j', (config, env, expected) => {
  expect(resolveConfig(config, env)).toMatchObject(expected)
})

test('the default is the CPU with planned memory', () => {
  expect(resolveConfig()).toMatchObject({ executionProviders: ['cpu'], memory: 'auto' })
  const chosen: Config = { executionProviders: ['webgpu', 'cpu'], memory: 'low', concurrency: 3 }
  expect(resolveConfig(chosen)).toMatchObject(chosen)
})

test.each<[string, unknown, string]>([
  ['memory', 'lots', "Config field 'memory': expected auto, low or fast, got 'lots'."],
  ['memory', 1, 'got 1.'],
  ['executionProviders', ['gpu'], 'expected a list of webgpu, cuda, coreml, dml, cpu, got ["gpu"].'],
  ['executionProviders', [], 'got [].'],
  ['executionProviders', 'cpu', "got 'cpu'."],
  ['concurrency', 0, 'expected a number of at least 1, got 0.'],
  ['download', 'no', "expected true or false, got 'no'."],
  ['cacheDir', 7, 'expected a string, got 7.'],
  ['store', null, 'expected an object, got null.'],
  ['substitute', { portrait: 7 }, 'expected a string or an object of strings, got {"portrait":7}.'],
  ['maxPixels', Number.NaN, 'expected a number of at least 1'],
])('%s: %j is refused', (name, value, message) => {
  expect(() => resolveConfig({ [name]: value })).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) }),
  )
})

test.each([
  ['cachDir', /^Did you mean 'cacheDir'\?$/],
  ['constructor', /^The fields of the config are cacheDir, /],
])('the unknown field %s is refused with a hint', (name, hint) => {
  expect(() => resolveConfig({ [name]: 1 })).toThrow(
    expect.objectContaining({
      code: 'INVALID_OPTION',
      message: `Unknown config field '${name}'.`,
      hint: expect.stringMatching(hint),
    }),
  )
})

test.each<Config>([
  { cacheMaxBytes: Number.POSITIVE_INFINITY },
  { store: new Map(), logger: console },
  { cacheDir: undefined, timeoutMs: 0 },
  { substitute: { portrait: 'u2netp' } },
])('%o is accepted', config => {
  expect(() => resolveConfig(config)).not.toThrow()
})
