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

test('runs on the processor, and plans its memory, unless told otherwise', () => {
  expect(resolveConfig()).toMatchObject({ executionProviders: ['cpu'], memory: 'auto' })
  const chosen: Config = { executionProviders: ['webgpu', 'cpu'], memory: 'low', concurrency: 3 }
  expect(resolveConfig(chosen)).toMatchObject(chosen)
})

test.each<[string, unknown, string]>([
  ['memory', 'lots', "Config 'memory': expected auto or low or fast, got 'lots'."],
  ['memory', 1, 'got 1.'],
  ['executionProviders', ['gpu'], 'expected a list of webgpu, cuda, coreml, dml, cpu, got ["gpu"].'],
  ['executionProviders', [], 'got [].'],
  ['executionProviders', 'cpu', "got 'cpu'."],
  ['concurrency', 0, 'expected a number of at least 1, got 0.'],
  ['download', 'no', "expected boolean, got 'no'."],
])('%s: %j is refused', (name, value, message) => {
  expect(() => resolveConfig({ [name]: value })).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) }),
  )
})
