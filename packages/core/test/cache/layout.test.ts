import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { entryDirOf, layOut, lockNameOf, safeFileName } from '../../src/cache/layout.ts'

const layout = layOut('some/cache')

describe('entryDirOf', () => {
  it('is <dir>/v1/<namespace>/<key>, absolute', () => {
    expect(entryDirOf(layout, 'cutouts:1a2b')).toBe(resolve('some/cache/v1/cutouts/1a2b'))
  })

  const hostile = [
    '../../etc:passwd',
    'a:../../../b',
    'a:/etc/passwd',
    'a:..',
    ':',
    'a:',
    '..:..',
    'a:b/c',
    'a:b\\c',
    'a:b\0c',
  ]
  it.each([...hostile, 'a:CON', 'a:con', 'tmp:x', 'locks:x', `a:${'x'.repeat(500)}`, 'noNamespace', 'a:b:c'])(
    'stays two folders below the root for %j',
    key => {
      const path = relative(layout.root, entryDirOf(layout, key))
      expect(path).toMatch(/^[a-z_][a-z0-9_-]{0,99}[/\\][a-z0-9_-]{1,100}$/)
      expect(path).not.toMatch(/^(tmp|locks)[/\\]/)
      expect(lockNameOf(key)).toMatch(/^[a-z0-9_-]{1,100}$/)
    },
  )

  it('separates keys that differ only in letter case', () => {
    const dirs = ['a:key', 'a:KEY', 'a:Key', 'A:key', 'key', 'a:a:key'].map(key => entryDirOf(layout, key))
    expect(new Set(dirs.map(dir => dir.toLowerCase())).size).toBe(dirs.length)
  })
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
