import type { OptionsInput } from '@nobg/core'
import { splitQuery } from '@nobg/core/internal'
import { expect, test } from 'vitest'
import { addDefaultFormat, isShipped } from '../../src/core/default-format.ts'

test.for([
  ['', false, true],
  ['url', false, true],
  ['no-inline&t=1', false, true],
  ['w=400', false, false],
  ['url&w=400', false, false],
  ['enhanced', false, false],
  ['', true, false],
] as const)(
  'with the words %o and a host that encodes again (%s), the file is shipped: %s',
  ([rest, again, expected]) => {
    expect(isShipped(splitQuery(rest), again)).toBe(expected)
  },
)

const raw = (words: object) => words as OptionsInput

test.for<[OptionsInput, OptionsInput]>([
  [{}, { outputFormat: 'webp', outputQuality: 90 }],
  [{ outputQuality: 60 }, { outputFormat: 'webp', outputQuality: 60 }],
  [{ outputFormat: undefined }, { outputFormat: 'webp', outputQuality: 90 }],
  [{ outputFormat: 'png' }, { outputFormat: 'png' }],
  [{ outputFormat: 'webp' }, { outputFormat: 'webp' }],
  [raw({ outputMask: '' }), raw({ outputMask: '' })],
  [raw({ outputMask: 'false' }), raw({ outputMask: 'false', outputFormat: 'webp', outputQuality: 90 })],
])('%o becomes %o', ([options, expected]) => {
  expect(addDefaultFormat(options, true)).toEqual(expected)
})

test('a picture that the host encodes again has no default', () => {
  expect(addDefaultFormat({}, false)).toEqual({})
})
