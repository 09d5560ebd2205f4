import { expect, test } from 'vitest'
import { applyPreset, resolveOptions } from '../../src/core/options.ts'

test.for([
  [undefined, {}, true],
  [undefined, { VITEST: 'true' }, false],
  [true, { VITEST: 'true' }, true],
  [false, {}, false],
  [true, { NOBG: 'off' }, false],
  [undefined, { NOBG: 'on' }, true],
] as const)('enabled %s with %o is %s', ([enabled, env, expected]) => {
  expect(resolveOptions({ enabled }, env).enabled).toBe(expected)
})

test("core's config is passed through, and nothing else", () => {
  const { config, ...own } = resolveOptions({ substitute: 'u2netp', threads: 2, dev: 'wait' }, {})
  expect(config).toEqual({ substitute: 'u2netp', threads: 2 })
  expect(own).toEqual({
    presets: {},
    dev: 'wait',
    draft: true,
    unprocessed: 'error',
    onCutout: expect.any(Function),
    warnAboveBytes: 1_000_000,
    encodesAgain: false,
    enabled: true,
    dts: undefined,
  })
})

test.for([
  [{}, {}, undefined],
  [{ enabled: false }, {}, false],
  [{ enabled: true }, { VITEST: 'true' }, false],
  [{ dts: true }, { VITEST: 'true' }, true],
  [{ dts: 'types/nobg.d.ts' }, { NOBG: 'off' }, 'types/nobg.d.ts'],
] as const)('with %o and the environment %o, dts is %s', ([options, env, expected]) => {
  expect(resolveOptions(options, env).dts).toBe(expected)
})

test.for([1, 'types', ['a.d.ts']])('dts: %o is an error', dts => {
  expect(() => resolveOptions({ dts } as never)).toThrow(
    'dts: expected true, false, or the path of a .d.ts file',
  )
})

test.for([
  [undefined, { crop: true }, { crop: true }],
  ['portrait', {}, { model: 'portrait' }],
  ['hero', {}, { model: 'matting', crop: true }],
  ['hero', { crop: false }, { model: 'matting', crop: false }],
  ['constructor', {}, { model: 'constructor' }],
  ['true', { crop: true }, { crop: true }],
  ['1', {}, {}],
] as const)('preset %s with %o', ([preset, words, expected]) => {
  expect(applyPreset(preset, words, { hero: { model: 'matting', crop: true } })).toEqual(expected)
})

test('a preset may be called true', () => {
  expect(applyPreset('true', {}, { true: { crop: true } })).toEqual({ crop: true })
})

test.for(['false', '0'])('nobg=%s is an error that names the word', preset => {
  expect(() => applyPreset(preset, {}, {})).toThrow(`got 'nobg=${preset}'`)
})
