import { existsSync, rmSync, writeFileSync } from 'node:fs'

import KeyvRedis from '@keyv/redis'
import { Keyv } from 'keyv'
import { describe, expect, it } from 'vitest'
import { createCache } from '../../src/cache/cache.ts'
import { fileStore } from '../../src/cache/file-store.ts'
import { tieredStore } from '../../src/cache/tiered-store.ts'
import { hasRedisServer, startRedisServer } from './redis-server.ts'
import { makeTempDir } from './temp-dir.ts'
import { createRecorder, makeEntry } from './test-store.ts'

const key = 'cutouts:a'

describe('tieredStore', () => {
  it.each([
    [{ restMs: -1 }, 'tieredStore, restMs: expected a number of at least 0, got -1.'],
    [{ restsMs: 1 }, "Unknown limit of tieredStore 'restsMs'."],
  ])('refuses the limits %j', (limits, message) => {
    const local = fileStore({ dir: makeTempDir() })
    expect(() => tieredStore(local, new Map(), limits as object)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message }),
    )
  })

  it('writes to both tiers, and fills the local one from the shared one', async () => {
    const [shared, entry] = [new Map<string, unknown>(), makeEntry()]
    const [mine, yours] = [makeTempDir(), makeTempDir()].map(dir => tieredStore(fileStore({ dir }), shared))
    await mine.set(key, { value: entry })
    expect(await mine.local.get(key)).toEqual({ value: entry })
    expect([...shared.keys()]).toEqual([key])

    expect(await yours.local.has(key)).toBe(false)
    expect(await yours.find(key)).toMatchObject({ path: yours.pathOf(key, entry.fileName), byteLength: 1000 })
    expect(await yours.local.get(key)).toEqual({ value: entry })
    shared.clear()
    expect(await yours.get(key)).toEqual({ value: entry })
  })

  it('replaces a damaged file from the shared tier', async () => {
    const [store, entry] = [tieredStore(fileStore({ dir: makeTempDir() }), new Map()), makeEntry()]
    await store.set(key, { value: entry })
    const path = store.pathOf(key, entry.fileName)
    writeFileSync(path, 'damaged')
    expect(await store.find(key)).toMatchObject({ path })
    expect(await store.get(key)).toEqual({ value: entry })
    rmSync(path)
    expect(await store.get(key)).toEqual({ value: entry })
    expect(existsSync(path)).toBe(true)
  })

  it('keeps files when the shared tier refuses a value', async () => {
    const small = {
      get: async () => undefined,
      set: async () => Promise.reject(new Error('value too large')),
      delete: async () => true,
      clear: async () => {},
    }
    const logger = createRecorder()
    const store = tieredStore(fileStore({ dir: makeTempDir() }), small)
    const cache = createCache({ namespace: 'cutouts', store, logger })
    expect(await cache.getOrCreate('a', async () => makeEntry())).toMatchObject({ path: expect.any(String) })
    expect(await cache.getOrCreate('a', () => expect.unreachable())).toMatchObject({ cached: true })
    expect(logger.warnings).toEqual([expect.stringContaining('The shared cache fails (value too large)')])
  })

  it('reads from the shared tier if no file can be written', async () => {
    const [shared, entry, logger] = [new Map<string, unknown>(), makeEntry(), createRecorder()]
    const store = tieredStore(fileStore({ dir: '/dev/null/nobg' }), shared)
    const cache = createCache({ namespace: 'cutouts', store, logger })
    expect(await cache.getOrCreate('a', async () => entry)).toEqual({ entry, cached: false })
    expect(await cache.getOrCreate('a', () => expect.unreachable())).toEqual({ entry, cached: true })
    expect(logger.warnings).toHaveLength(1)
  })

  it('deletes, clears and separates namespaces in both tiers', async () => {
    const [shared, dir] = [new Map<string, unknown>(), makeTempDir()]
    const keyv = new Keyv({
      store: tieredStore(fileStore({ dir }), shared),
      serialization: false,
      namespace: 'n',
    })
    await keyv.set('a', makeEntry())
    await keyv.set('b', makeEntry())
    expect([...shared.keys()]).toEqual(['n:a', 'n:b'])
    expect([await keyv.delete('a'), await keyv.delete('a'), await keyv.has('b')]).toEqual([true, false, true])
    await keyv.clear()
    expect([await keyv.has('b'), shared.size]).toEqual([false, 0])
    expect(await fileStore({ dir }).stats()).toMatchObject({ entries: 0 })
  })

  it.skipIf(!hasRedisServer)(
    'continues if Redis ends during the work (skipped without redis-server)',
    async () => {
      const redis = await startRedisServer(makeTempDir())
      const logger = createRecorder()
      const store = tieredStore(fileStore({ dir: makeTempDir() }), new KeyvRedis(redis.client))
      const cache = createCache({ namespace: 'cutouts', store, logger })
      await cache.getOrCreate('a', async () => makeEntry())
      await redis.kill()
      expect(await cache.getOrCreate('a', () => expect.unreachable())).toMatchObject({ cached: true })
      expect(await cache.getOrCreate('b', async () => makeEntry())).toMatchObject({
        path: expect.any(String),
      })
      expect(await cache.getOrCreate('b', () => expect.unreachable())).toMatchObject({ cached: true })
      expect(logger.warnings).toEqual([expect.stringContaining('The shared cache fails')])
      await cache.close()
    },
  )
})
