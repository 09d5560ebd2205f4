import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'

import { afterEach, describe, expect, it } from 'vitest'
import { type Cache, createCache } from '../../src/cache/cache.ts'
import type { CacheEntry } from '../../src/cache/entry.ts'
import type { CacheStore } from '../../src/cache/entry-store.ts'
import { digestFields } from '../../src/cache/key.ts'
import { digestBytesSync } from '../../src/shared/hash.ts'

/** Creates a logger that stores its warnings. */
export function createRecorder() {
  const warnings: string[] = []
  return { warnings, info: () => {}, warn: (message: string) => void warnings.push(message) }
}

/** Makes an entry with random bytes. */
export function makeEntry(byteLength = 1000, fileName = 'cat.png'): CacheEntry {
  return {
    bytes: Uint8Array.from(randomBytes(byteLength)),
    fileName,
    meta: { width: 7, format: 'png', cropped: false },
  }
}

/** Replaces the bytes of an entry by their digest, because comparing megabytes takes seconds. */
function sum({ bytes, ...rest }: CacheEntry) {
  return { ...rest, digest: digestBytesSync(bytes) }
}

let keyCount = 0

/** Makes a key that no other test uses. */
function makeKey(): string {
  return digestFields({ test: ++keyCount, at: Date.now() })
}

/**
 * The behavior of a cache with any store.
 *
 * @param createStore called for each cache; all stores that it returns share their entries
 */
export function testStore(name: string, createStore: () => CacheStore): void {
  describe(name, () => {
    const caches: Cache[] = []
    const logger = createRecorder()
    const open = (namespace = 'cutouts', store = createStore()) => {
      const cache = createCache({ namespace, store, logger })
      caches.push(cache)
      return cache
    }

    afterEach(async () => {
      for (const cache of caches.splice(0)) await cache.close()
      expect(logger.warnings).toEqual([])
    })

    it('is empty at first', async () => {
      const cache = open()
      expect(await cache.get(makeKey())).toBeUndefined()
      expect(await cache.find(makeKey())).toBeUndefined()
    })

    it.each([0, 1, 1000, 3_000_000])('keeps %i bytes, their name and meta', async byteLength => {
      const [key, entry, cache] = [makeKey(), makeEntry(byteLength, 'chât noir.png'), open()]
      const made = await cache.getOrCreate(key, async () => entry)
      const found = await cache.getOrCreate(key, () => expect.unreachable())
      expect([made.cached, found.cached]).toEqual([false, true])
      expect(sum(made.entry)).toEqual(sum(entry))
      expect(sum(found.entry)).toEqual(sum(entry))
      expect(sum((await cache.get(key))!)).toEqual(sum(entry))
    })

    it('shares entries with other caches on the same store', async () => {
      const [key, entry] = [makeKey(), makeEntry()]
      await open().getOrCreate(key, async () => entry)
      expect(await open().getOrCreate(key, () => expect.unreachable())).toMatchObject({ entry, cached: true })
    })

    it('separates namespaces that use one store at the same time', async () => {
      const [key, cutout, matte, store] = [makeKey(), makeEntry(), makeEntry(), createStore()]
      const [cutouts, mattes] = [open('cutouts', store), open('mattes', store)]
      await Promise.all([
        cutouts.getOrCreate(key, async () => cutout),
        mattes.getOrCreate(key, async () => matte),
      ])
      expect(await cutouts.get(key)).toEqual(cutout)
      expect(await mattes.get(key)).toEqual(matte)
    })

    it('creates each key once for concurrent calls', async () => {
      const [keys, store] = [[makeKey(), makeKey(), makeKey()], createStore()]
      const [one, other] = [open('cutouts', store), open('cutouts', store)]
      const created: string[] = []
      const ask = (cache: Cache, key: string) =>
        cache.getOrCreate(key, async () => {
          created.push(key)
          return makeEntry()
        })
      const results = await Promise.all(
        Array.from({ length: 30 }, (_, index) => ask(index % 2 ? one : other, keys[index % 3])),
      )
      expect(created.sort()).toEqual([...keys].sort())
      expect(results[0].entry).toEqual(results[3].entry)
      expect(results[0].entry).not.toEqual(results[1].entry)
    })

    it('rejects all concurrent calls if creating fails, and does not cache that', async () => {
      const [key, entry, cache, error] = [makeKey(), makeEntry(), open(), new Error('no')]
      const fail = () => Promise.reject(error)
      const outcomes = await Promise.allSettled([cache.getOrCreate(key, fail), cache.getOrCreate(key, fail)])
      expect(outcomes.map(outcome => outcome.status === 'rejected' && outcome.reason)).toEqual([error, error])
      expect(await cache.getOrCreate(key, async () => entry)).toMatchObject({ entry, cached: false })
    })

    it('continues while one caller waits, and aborts when all have aborted', async () => {
      const [key, cache] = [makeKey(), open()]
      const [one, two] = [new AbortController(), new AbortController()]
      let started = () => {}
      const running = new Promise<void>(resolve => {
        started = resolve
      })
      const create = (signal: AbortSignal) =>
        new Promise<CacheEntry>((_, reject) => {
          started()
          signal.addEventListener('abort', () => reject(new Error('stopped')))
        })
      const first = cache.getOrCreate(key, create, { signal: one.signal })
      const second = cache.getOrCreate(key, create, { signal: two.signal })
      await running
      one.abort()
      await expect(first).rejects.toMatchObject({ code: 'ABORTED' })
      two.abort()
      await expect(second).rejects.toMatchObject({ code: 'ABORTED' })
      expect(await cache.getOrCreate(key, async () => makeEntry())).toMatchObject({ cached: false })
    })

    it('copies an entry to a second key, which outlives the first', async () => {
      const [key, second, entry, store] = [makeKey(), makeKey(), makeEntry(), createStore()]
      const cache = open('cutouts', store)
      const { path } = await cache.getOrCreate(key, async () => entry)
      await cache.copy(key, second, entry)
      const copy = await cache.find(second)
      // A file store holds the bytes once.
      if (path) expect(statSync(copy!.path).ino).toBe(statSync(path).ino)
      await store.delete(`cutouts:${key}`)
      expect(await open('cutouts', store).get(second)).toEqual(entry)
      expect(await cache.get(key)).toBeUndefined()
    })

    it('copies an entry that another process has removed, and keeps one that is there', async () => {
      const [key, second, entry, cache] = [makeKey(), makeKey(), makeEntry(), open()]
      await cache.copy(key, second, entry)
      expect(await cache.get(second)).toEqual(entry)
      await cache.copy(key, second, makeEntry())
      expect(await cache.get(second)).toEqual(entry)
    })

    it('returns the path of a file before the file exists, if the store has files', async () => {
      const [key, entry, cache] = [makeKey(), makeEntry(), open()]
      const path = cache.pathOf?.(key, entry.fileName)
      if (path) expect(existsSync(path)).toBe(false)
      expect(await cache.getOrCreate(key, async () => entry)).toEqual(
        path ? { entry, cached: false, path } : { entry, cached: false },
      )
      expect(await cache.getOrCreate(key, async () => entry)).toEqual(
        path ? { entry, cached: true, path } : { entry, cached: true },
      )
      const { fileName, meta } = entry
      expect(await cache.find(key)).toEqual(path && { path, fileName, meta, byteLength: 1000 })
      if (path) expect(Uint8Array.from(readFileSync(path))).toEqual(entry.bytes)
    })
  })
}
