import { existsSync, linkSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { describe, expect, it } from 'vitest'
import { createCache } from '../../src/cache/cache.ts'
import { type FileStore, fileStore } from '../../src/cache/file-store.ts'
import { layOut } from '../../src/cache/layout.ts'
import { makeTempDir } from './temp-dir.ts'
import { createRecorder, makeEntry } from './test-store.ts'

const MAX_BYTES = 200_000
const ENTRY_BYTES = 10_000

const write = (store: FileStore, key: string) => store.set(key, { value: makeEntry(ENTRY_BYTES) })

/** Sets the time of the last use of an entry to some hours ago. */
function age(store: FileStore, key: string, hours: number): void {
  setAge(join(dirname(store.pathOf(key, 'cat.png')), '.entry.json'), hours)
}

function setAge(path: string, hours: number): void {
  const then = new Date(Date.now() - hours * 3_600_000)
  utimesSync(path, then, then)
}

/** Bytes of the files in a store, each file once, however many names it has. */
function measureDisk(store: FileStore): number {
  const sizes = new Map<number, number>()
  for (const name of readdirSync(store.dir, { recursive: true, encoding: 'utf8' })) {
    const file = statSync(join(store.dir, name))
    if (file.isFile()) sizes.set(file.ino, file.size)
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0)
}

describe('eviction', () => {
  it('keeps the store below maxBytes', async () => {
    const store = fileStore({ dir: makeTempDir(), maxBytes: MAX_BYTES, keepMs: 0 })
    for (let index = 0; index < 40; index++) {
      await write(store, `cutouts:${index}`)
      expect((await store.stats()).bytes).toBeLessThanOrEqual(MAX_BYTES)
    }
    expect(await store.has('cutouts:0')).toBe(false)
    expect(await store.has('cutouts:39')).toBe(true)
    expect((await store.stats()).bytes).toBeGreaterThan(MAX_BYTES * 0.75)
  })

  it('counts a file of two entries until both are evicted', async () => {
    const store = fileStore({ dir: makeTempDir(), maxBytes: MAX_BYTES, keepMs: 0 })
    for (let index = 0; index < 10; index++) {
      await write(store, `cutouts:${index}`)
      await store.link(`cutouts:${index}`, `cutouts:link-${index}`)
      // All links are older than all files.
      age(store, `cutouts:link-${index}`, 200 - index)
      age(store, `cutouts:${index}`, 100 - index)
    }
    for (let index = 10; index < 30; index++) {
      await write(store, `cutouts:${index}`)
      expect(measureDisk(store)).toBeLessThanOrEqual(MAX_BYTES)
    }
    expect(measureDisk(store)).toBeGreaterThan(MAX_BYTES * 0.75)
  })

  it('counts files that have a second name outside of the store', async () => {
    const [store, outside] = [
      fileStore({ dir: makeTempDir(), maxBytes: MAX_BYTES, keepMs: 0 }),
      makeTempDir(),
    ]
    for (let index = 0; index < 30; index++) {
      await write(store, `cutouts:${index}`)
      linkSync(store.pathOf(`cutouts:${index}`, 'cat.png'), join(outside, `${index}`))
      expect(measureDisk(store)).toBeLessThanOrEqual(MAX_BYTES)
    }
    const { bytes } = await store.stats()
    // The store's own files, `.swept` and `.gitignore`, belong to no entry.
    expect(measureDisk(store) - bytes).toBeLessThan(10)
  })

  it('evicts the least recently written or read entries first, over all namespaces', async () => {
    const store = fileStore({ dir: makeTempDir(), maxBytes: MAX_BYTES })
    const keys = Array.from({ length: 15 }, (_, index) => `${index % 2 ? 'mattes' : 'cutouts'}:${index}`)
    for (const key of keys) await write(store, key)
    for (const [index, key] of keys.entries()) age(store, key, 100 - index)
    await store.get(keys[0])
    await store.find(keys[2])
    for (let index = 0; index < 10; index++) await write(store, `cutouts:new-${index}`)
    const left = await Promise.all(keys.map(key => store.has(key)))
    expect(left.slice(0, 4)).toEqual([true, false, true, false])
    expect(left.at(-1)).toBe(true)
    expect(left.indexOf(true, 3)).toBe(left.lastIndexOf(false) + 1)
  })

  it('keeps entries that any process used within the last hour, at any size', async () => {
    const dir = makeTempDir()
    const [store, other] = [fileStore({ dir, maxBytes: MAX_BYTES }), fileStore({ dir, maxBytes: MAX_BYTES })]
    await write(store, 'cutouts:old')
    age(store, 'cutouts:old', 2)
    for (let index = 0; index < 30; index++) await write(index % 2 ? store : other, `cutouts:${index}`)
    expect(await store.has('cutouts:old')).toBe(false)
    expect(await store.stats()).toMatchObject({ entries: 30 })
  })

  it('returns no file that was evicted', async () => {
    const store = fileStore({ dir: makeTempDir(), maxBytes: 0 })
    const cache = createCache({ namespace: 'cutouts', store, logger: createRecorder() })
    const { path } = await cache.getOrCreate('a', async () => makeEntry())
    await cache.getOrCreate('b', async () => makeEntry())
    expect(existsSync(path!)).toBe(true)
  })
})

describe('leftovers of killed processes', () => {
  it('are removed by the first write after an hour, except recent ones', async () => {
    const dir = makeTempDir()
    const { root, tmpDir, lockDir } = layOut(dir)
    const old = [join(tmpDir, 'old'), join(lockDir, 'old.lock'), join(root, 'cutouts', 'old')]
    const young = [join(tmpDir, 'young'), join(lockDir, 'young.lock'), join(root, 'cutouts', 'young')]
    for (const path of [...old, ...young]) {
      mkdirSync(path, { recursive: true })
      writeFileSync(join(path, 'half.png'), 'half')
    }
    for (const path of old) for (const part of [join(path, 'half.png'), path]) setAge(part, 2)
    await write(fileStore({ dir }), 'cutouts:1')
    expect(old.filter(existsSync)).toEqual([])
    expect(young.filter(existsSync)).toEqual(young)

    for (const path of young) for (const part of [join(path, 'half.png'), path]) setAge(part, 2)
    await write(fileStore({ dir }), 'cutouts:2')
    expect(young.filter(existsSync)).toEqual(young)
    setAge(join(root, '.swept'), 2)
    await write(fileStore({ dir }), 'cutouts:3')
    expect(young.filter(existsSync)).toEqual([])
    expect(readdirSync(join(root, 'cutouts')).sort()).toEqual(['1', '2', '3'])
  })
})
