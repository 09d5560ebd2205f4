import { relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { entryDirOf, layOut, lockNameOf } from '../../src/cache/layout.ts'

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
