import { expect, test } from 'vitest'
import { isDeviceName, shortenName, trimName } from '../../src/shared/names.ts'

test.each(['con', 'NUL', 'aux.png', 'COM1', 'lpt9.tar.gz', 'com¹'])('%s is a device', name => {
  expect(isDeviceName(name)).toBe(true)
})

test.each(['', 'cone', 'com', 'com10', 'a.con', '_con'])("'%s' is not a device", name => {
  expect(isDeviceName(name)).toBe(false)
})

test.each([
  ['ada', 3, undefined, 'ada'],
  ['ada', 2, undefined, 'ad'],
  ['äöü', 5, undefined, 'äö'],
  ['a👩b', 4, undefined, 'a'],
  ['a👩b', 9, 2, 'a'],
  ['a👩b', 9, 3, 'a👩'],
])('%s within %i bytes and %s code units is %s', (name, maxBytes, maxLength, short) => {
  expect(shortenName(name, maxBytes, maxLength)).toBe(short)
})

test.each([
  ['..a.b. ', 'a.b'],
  ['. .', ''],
  ['a', 'a'],
])("'%s' without dots and blanks at its ends is '%s'", (name, trimmed) => {
  expect(trimName(name, '. ')).toBe(trimmed)
})
