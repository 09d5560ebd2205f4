import { utimes } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { identifySetup } from '../../src/core/cache-identity.ts'
import { type Options, resolveOptions } from '../../src/core/options.ts'
import { createProject } from '../support/project.ts'

function identify(options: Options = {}, env: NodeJS.ProcessEnv = {}): string {
  return identifySetup(resolveOptions(options, env), env)
}

test.for([
  ['NOBG=off', {}, { NOBG: 'off' }],
  ['a substitute', {}, { NOBG_SUBSTITUTE: 'u2netp' }],
  ['offline', {}, { NOBG_OFFLINE: '1' }],
  ['the folder of weights', {}, { NOBG_MODELS_DIR: '/models' }],
  ['the mirror of weights', {}, { NOBG_MODELS_URL: 'https://example.com' }],
  ['the server', {}, { NOBG_REMOTE: 'http://localhost:3000' }],
  ['Vitest, which switches nobg off', {}, { VITEST: 'true' }],
  ['a preset', { presets: { hero: { crop: true } } }, {}],
  ['an option', { download: false }, {}],
  ['the guard', { unprocessed: 'warn' }, {}],
] as [string, Options, NodeJS.ProcessEnv][])('%s is part of the identity', ([, options, env]) => {
  expect(identify(options, env)).not.toBe(identify())
})

test('other variables, loggers and functions are not part of the identity', () => {
  expect(identify({ onCutout() {}, logger: console }, { HOME: '/root' })).toBe(identify())
})

test("the file of a user's model is part of the identity", async () => {
  const project = await createProject({ 'own.onnx': 'one' })
  const path = project.path('own.onnx')
  const identifyModel = () => identify({ models: { own: { path } } })
  const first = identifyModel()
  expect(identifyModel()).toBe(first)
  await utimes(path, new Date(1e12), new Date(1e12))
  expect(identifyModel()).not.toBe(first)
})
