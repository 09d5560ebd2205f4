import { dirname, join, resolve } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import {
  isDeviceName,
  nameSource,
  safeFileName,
  shortenName,
  toDisplayName,
  trimName,
} from '../../src/shared/names.ts'

test.each(['con', 'NUL', 'aux.png', 'COM1', 'lpt9.tar.gz', 'com¹'])('%s is a device', name => {
  expect(isDeviceName(name)).toBe(true)
})

test.each(['', 'cone', 'com', 'com10', 'a.con', '_con'])("'%s' is not a device", name => {
  expect(isDeviceName(name)).toBe(false)
})

test.each([
  ['ada', {}, 'ada'],
  ['ada', { bytes: 3 }, 'ada'],
  ['ada', { bytes: 2 }, 'ad'],
  ['äöü', { bytes: 5 }, 'äö'],
  ['a👩b', { bytes: 4 }, 'a'],
  ['a👩b', { bytes: 9, units: 2 }, 'a'],
  ['a👩b', { bytes: 9, units: 3 }, 'a👩'],
  ['a👩b', { characters: 2 }, 'a👩'],
  ['a👩b', { characters: 2, bytes: 4 }, 'a'],
])('%s within %j is %s', (name, limits, short) => {
  expect(shortenName(name, limits)).toBe(short)
})

test.each([
  ['..a.b. ', 'a.b'],
  ['. .', ''],
  ['a', 'a'],
])("'%s' without dots and blanks at its ends is '%s'", (name, trimmed) => {
  expect(trimName(name, '. ')).toBe(trimmed)
})

const names: [location: string | undefined, name: string][] = [
  [undefined, 'image'],
  ['', 'image'],
  ['cat.jpg', 'cat'],
  ['/photos/cat.jpg', 'cat'],
  ['C:\\photos\\cat.jpg', 'cat'],
  ['/photos/', 'photos'],
  ['photo.v2.final.JPEG', 'photo.v2.final'],
  ['no-extension', 'no-extension'],
  ['My holiday (2024) #3.png', 'My-holiday-2024-3'],
  ['Ünïcödé-кошка-猫.png', 'Ünïcödé-кошка-猫'],
  ['cafe\u0301.png', 'café'],
  ['a  b\t\nc.png', 'a-b-c'],
  ['bell\u0007null\u0000.png', 'bell-null'],
  ['<>:"|?*.png', 'image'],
  ['100%.png', '100'],
  ['.hidden', 'hidden'],
  ['.jpg', 'jpg'],
  ['..', 'image'],
  ['...dots....png', 'dots'],
  ['-rf.png', 'rf'],
  ['right\u202etfel.png', 'right-tfel'],
  ['🐈.png', 'image'],
  ['CON.png', 'image-CON'],
  ['nul', 'image-nul'],
  ['com1.tar.gz', 'image-com1.tar'],
  ['console.png', 'console'],
  ['a'.repeat(300), 'a'.repeat(80)],
  [`${'a'.repeat(79)}-b.png`, 'a'.repeat(79)],
  ['猫'.repeat(80), '猫'.repeat(42)],
]

test.each(names)('%j is named %j', (location, name) => {
  expect(nameSource(location)).toBe(name)
  // Naming is idempotent: a stored name keeps its spelling.
  expect(nameSource(`${name}.png`)).toBe(name)
})

test.each(names)('%j leaves room for what a cache appends', (_, name) => {
  const fileName = `${name}-mask-12345678.webp`
  expect(safeFileName(fileName)).toBe(fileName)
})

describe('safeFileName', () => {
  it.each([
    ['cat-1a2b3c4d.png', 'cat-1a2b3c4d.png'],
    ['chât noir (2).webp', 'chât noir (2).webp'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\pictures\\cat.png', 'cat.png'],
    ['.entry.json', 'entry.json'],
    ['..', 'entry'],
    ['', 'entry'],
    ['a/', 'entry'],
    ['  .png', 'png'],
    ['a:b*c?.png', 'a-b-c-.png'],
    ['a\0b\n.png', 'a-b-.png'],
    ['con.png', '_con.png'],
    ['NUL', '_NUL'],
    ['cat.png. . ', 'cat.png'],
  ])('turns %j into %j', (name, safe) => {
    expect(safeFileName(name)).toBe(safe)
  })

  it.each([
    'x'.repeat(400),
    `${'猫'.repeat(100)}.png`,
    `${'😀'.repeat(100)}.tar.gz`,
    `a.${'b'.repeat(300)}`,
    `${'. '.repeat(90)}a.png`,
  ])('shortens %j to 150 bytes and its extension', name => {
    const safe = safeFileName(name)
    expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(150)
    expect(safe).toBe(Buffer.from(safe).toString())
    if (name.endsWith('.png')) expect(safe).toMatch(/\.png$/)
  })

  it('is idempotent', () => {
    for (const name of [
      '..a. .b..',
      'CON .png',
      'con. .png',
      '-.-',
      '.con',
      `${'con.'.repeat(60)}png`,
      `${'x'.repeat(149)}. .png`,
    ]) {
      expect(safeFileName(safeFileName(name))).toBe(safeFileName(name))
      expect(dirname(join('/d', safeFileName(name)))).toBe(resolve('/d'))
    }
  })
})

test.each([
  ['../../etc/passwd', 'passwd'],
  ['..\\..\\boot.ini', 'boot.ini'],
  ['..', 'file'],
  ['', 'file'],
  [7, 'file'],
  ['a\0b\r\n"c".png', 'abc.png'],
  ['cod\u202egnp.exe', 'codgnp.exe'],
  ['\ud800.png', '.png'],
  ['ü'.repeat(200), 'ü'.repeat(120)],
])('the file name %j is shown as %j', (name, safe) => {
  expect(toDisplayName(name, 'file')).toBe(safe)
})
