import { expect, test } from 'vitest'
import { type Config, resolveConfig } from '../src/config.ts'

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
