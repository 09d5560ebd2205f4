import { describe, expect, it } from 'vitest'
import { digestFields } from '../../src/cache/key.ts'

describe('digestFields', () => {
  const equal: [string, Record<string, unknown>, Record<string, unknown>][] = [
    ['order of names', { a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }],
    ['undefined and absent', { a: 1, b: undefined }, { a: 1 }],
    ['0 and -0', { a: 0 }, { a: -0 }],
    ['an object without prototype', { a: { b: 1 } }, { a: Object.assign(Object.create(null), { b: 1 }) }],
  ]
  it.each(equal)('is the same for %s', (_, one, other) => {
    expect(digestFields(one)).toBe(digestFields(other))
  })

  const different: [string, Record<string, unknown>, Record<string, unknown>][] = [
    ['a number and its text', { a: 1 }, { a: '1' }],
    ['null and absent', { a: null }, {}],
    ['false and null', { a: false }, { a: null }],
    ['order in an array', { a: [1, 2] }, { a: [2, 1] }],
    ['an array and its text', { a: ['b'] }, { a: 'b' }],
    ['nesting', { a: { b: 1 } }, { a: 1, b: 1 }],
    ['a name with the text of two names', { 'a":1,"b': 2 }, { a: 1, b: 2 }],
    ['an array and an object with the same indices', { a: ['x'] }, { a: { 0: 'x' } }],
  ]
  it.each(different)('differs for %s', (_, one, other) => {
    expect(digestFields(one)).not.toBe(digestFields(other))
  })

  const refused: [string, unknown, string][] = [
    ['NaN', Number.NaN, 'NaN'],
    ['Infinity', Number.POSITIVE_INFINITY, 'Infinity'],
    ['a function', () => 1, 'function'],
    ['a symbol', Symbol('s'), 'symbol'],
    ['a bigint', 1n, 'bigint'],
    ['a typed array', new Uint8Array(1), 'Uint8Array'],
    ['a date', new Date(0), 'Date'],
    ['a hole in an array', [1, undefined], 'undefined'],
  ]
  it.each(refused)('refuses %s, naming the field', (_, value, got) => {
    expect(() => digestFields({ model: 'm', inner: { field: value } })).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: expect.stringMatching(`fields.inner.field.*${got}`),
      }),
    )
  })
})
