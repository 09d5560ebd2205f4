import { expect, test } from 'vitest'
import { abbreviate, abbreviateMessage, showValue } from '../../src/shared/abbreviate.ts'
import { NobgError } from '../../src/shared/errors.ts'

test('keeps a short value; shows beginning and length of a long value', () => {
  expect(abbreviate('ada.jpg')).toBe('ada.jpg')
  expect(abbreviate('a'.repeat(5000))).toMatch(/^a{100}… \(5000 characters\)$/)
  expect(abbreviate(`${'a'.repeat(99)}😀${'b'.repeat(500)}`)).toMatch(/^a{99}…/)
})

test.each([
  ['ada', "'ada'"],
  [{ a: 1 }, '{"a":1}'],
  [undefined, 'undefined'],
  [12n, '12n'],
])('%o is shown as %s', (value, shown) => {
  expect(showValue(value)).toBe(shown)
})

test('shows an object with a cycle', () => {
  const cycle: Record<string, unknown> = {}
  cycle.self = cycle
  expect(showValue(cycle)).toBe('[object Object]')
})

test('no message and no hint repeats the text of a picture, with or without spaces', () => {
  for (const picture of ['a'.repeat(1e6), 'a b '.repeat(1e5)]) {
    const error = new NobgError('INVALID_SOURCE', `got ${picture}`, { hint: `not ${picture}` })
    expect(String(error).length).toBeLessThan(5000)
  }
  const path = `/${'folder/'.repeat(40)}ada.jpg`
  expect(abbreviateMessage(`Expected a file: ${path}`)).toContain(path)
})
