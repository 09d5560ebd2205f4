import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import KeyvRedis from '@keyv/redis'
import { Keyv } from 'keyv'
import { describe, expect, it } from 'vitest'
import { type Cache, createCache } from '../../src/cache/cache.ts'
import { encodeEntry } from '../../src/cache/entry.ts'
import type { CacheStore } from '../../src/cache/entry-store.ts'
import { fileStore } from '../../src/cache/file-store.ts'
import { tieredStore } from '../../src/cache/tiered-store.ts'
import { mountSmallDisk } from '../support/small-disk.ts'
import { makeTempDir } from './temp-dir.ts'
import { createRecorder, makeEntry } from './test-store.ts'

function open(store: CacheStore, namespace = 'cutouts') {
  const logger = createRecorder()
  return { cache: createCache({ namespace, store, logger }), warnings: logger.warnings }
}

/** Uses a cache like a build, and expects each entry twice, although nothing can be stored. */
async function expectWorkToGoOn(cache: Cache): Promise<void> {
  for (const key of ['a', 'b', 'a']) {
    const entry = makeEntry()
    expect(await cache.get(key)).toBeUndefined()
    expect(await cache.find(key)).toBeUndefined()
    expect(await cache.getOrCreate(key, async () => entry)).toEqual({ entry, cached: false })
  }
  await cache.close()
}

describe('a failing cache warns once, and the entries are still created', () => {
  it('if a file is in place of its folder', async () => {
    const dir = join(makeTempDir(), 'cache')
    writeFileSync(dir, 'a file')
    const { cache, warnings } = open(fileStore({ dir }))
    await expectWorkToGoOn(cache)
    expect(warnings).toEqual([expect.stringContaining(`The cache in ${dir} fails`)])
  })

  it.each(['cutouts', 'tmp', 'locks'])('where a file is in place of its folder %s', async name => {
    const dir = makeTempDir()
    mkdirSync(join(dir, 'v1'))
    writeFileSync(join(dir, 'v1', name), 'a file')
    const { cache, warnings } = open(fileStore({ dir }))
    const results = await Promise.all(['a', 'b'].map(key => cache.getOrCreate(key, async () => makeEntry())))
    expect(results).toMatchObject([{ cached: false }, { cached: false }])
    expect(warnings).toHaveLength(1)
  })

  it('if its folder cannot be created', async () => {
    const { cache, warnings } = open(fileStore({ dir: '/dev/null/nobg' }))
    await expectWorkToGoOn(cache)
    expect(warnings).toHaveLength(1)
  })

  it('if the disk is full', async context => {
    const disk = mountSmallDisk(context)
    const { cache, warnings } = open(fileStore({ dir: disk }))
    const entry = makeEntry(100_000)
    expect(await cache.getOrCreate('a', async () => entry)).toEqual({ entry, cached: false })
    expect(await cache.getOrCreate('b', async () => entry)).toEqual({ entry, cached: false })
    expect(warnings).toEqual([expect.stringContaining('ENOSPC')])
    expect(readdirSync(join(disk, 'v1', 'tmp'))).toEqual([])
    expect(await cache.getOrCreate('c', async () => makeEntry())).toMatchObject({ path: expect.any(String) })
  })

  it('if two caches share it, and once for each tier', async () => {
    const store = tieredStore(fileStore({ dir: '/dev/null/nobg' }), { ...failing })
    const logger = createRecorder()
    for (const namespace of ['cutouts', 'mattes']) {
      await expectWorkToGoOn(createCache({ namespace, store, logger }))
    }
    expect(logger.warnings.sort()).toEqual([
      expect.stringContaining('The cache in /dev/null/nobg fails'),
      expect.stringContaining('The shared cache fails (out of order)'),
    ])
  })

  it('if a shared store rejects', async () => {
    const { cache, warnings } = open({ ...failing })
    await expectWorkToGoOn(cache)
    expect(warnings).toEqual([expect.stringContaining('out of order')])
  })

  it('if Redis is unreachable', async () => {
    const redis = new KeyvRedis({ socket: { path: '/dev/null/redis.sock', tls: false } })
    const { cache, warnings } = open(redis)
    await expectWorkToGoOn(cache)
    expect(warnings).toEqual([expect.stringMatching(/shared cache fails .*ENOTDIR|ECONNREFUSED/)])
  })
})

const failing = {
  get: async () => Promise.reject(new Error('out of order')),
  set: async () => Promise.reject(new Error('out of order')),
  delete: async () => Promise.reject(new Error('out of order')),
  clear: async () => Promise.reject(new Error('out of order')),
}

describe('createCache', () => {
  it.each<[string, object]>([
    ['an empty object', {}],
    ['something with get alone', { get: async () => undefined }],
  ])('refuses %s as store', (_, store) => {
    expect(() => open(store as CacheStore)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })

  it.each<[string, (text: string) => unknown]>([
    ['cut short', text => text.slice(0, -8)],
    ['altered', text => `${text.slice(0, -20)}AAAA${text.slice(-16)}`],
    ['of another program', () => 'hello'],
    ['of another type', () => 42],
  ])("treats a shared store's value %s as a miss, and replaces it", async (_, damage) => {
    const map = new Map<string, unknown>()
    const foreign = new Keyv({ store: map })
    const { cache, warnings } = open(foreign)
    const entry = makeEntry()
    await foreign.set('cutouts:a', damage(encodeEntry(makeEntry())))
    expect(await cache.get('a')).toBeUndefined()
    expect(await cache.getOrCreate('a', async () => entry)).toEqual({ entry, cached: false })
    expect(await cache.get('a')).toEqual(entry)
    expect(warnings).toEqual([])
  })

  it('creates an entry once for two caches on one folder', async () => {
    const dir = makeTempDir()
    let created = 0
    const create = async () => {
      created++
      return makeEntry()
    }
    const caches = [
      open(fileStore({ dir })),
      open(fileStore({ dir })),
      open(tieredStore(fileStore({ dir }), new Map())),
    ]
    const results = await Promise.all(caches.map(({ cache }) => cache.getOrCreate('a', create)))
    expect(created).toBe(1)
    expect(new Set(results.map(result => result.path)).size).toBe(1)
  })

  it('can be nested: creating a cutout requests a matte', async () => {
    const store = fileStore({ dir: makeTempDir() })
    const [cutouts, mattes] = [open(store, 'cutouts').cache, open(store, 'mattes').cache]
    let inferences = 0
    const predict = async () => {
      inferences++
      return makeEntry()
    }
    const cut = (format: string) =>
      cutouts.getOrCreate(format, async signal => {
        await mattes.getOrCreate('matte', predict, { signal })
        return makeEntry(10, `cat.${format}`)
      })
    const results = await Promise.all(['png', 'webp', 'avif', 'png'].map(cut))
    expect(results.map(result => result.entry.fileName)).toEqual([
      'cat.png',
      'cat.webp',
      'cat.avif',
      'cat.png',
    ])
    expect(inferences).toBe(1)
  })

  it('waits for the lock of another process until its caller aborts', async () => {
    const store = fileStore({ dir: makeTempDir() })
    const { cache } = open(store)
    const lock = join(store.lockDir, 'cutouts-a.lock')
    mkdirSync(lock, { recursive: true })
    const impatient = new AbortController()
    const waiting = cache.getOrCreate('a', async () => expect.unreachable(), { signal: impatient.signal })
    setTimeout(() => impatient.abort(), 100)
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' })
  })

  it('takes over the lock of a process that was killed', async () => {
    const store = fileStore({ dir: makeTempDir() })
    const { cache, warnings } = open(store)
    const lock = join(store.lockDir, 'cutouts-a.lock')
    mkdirSync(lock, { recursive: true })
    const aMinuteAgo = new Date(Date.now() - 60_000)
    utimesSync(lock, aMinuteAgo, aMinuteAgo)
    expect(await cache.getOrCreate('a', async () => makeEntry())).toMatchObject({ cached: false })
    expect(readdirSync(store.lockDir)).toEqual([])
    expect(warnings).toEqual([])
  })
})
