import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import { createStorage } from 'unstorage'
import redisDriver from 'unstorage/drivers/redis'
import { countPieces, type StreamedStorage, type Streams } from '../storage/content.ts'
import { failSoon, prefix } from './connect.ts'

const DAY_SECONDS = 24 * 3600

/**
 * Opens a storage of files in Redis, which removes expired files.
 *
 * @param onError is called for each lost connection; the client connects again by itself.
 */
export function openRedisStorage(url: string, onError: (error: unknown) => void): Required<StreamedStorage> {
  const base = `${prefix}:files`
  // Waits for a connection that is being opened, but no longer than a command may take.
  const driver = redisDriver({ url, base, ...failSoon, enableOfflineQueue: true })
  const redis = driver.getInstance?.()
  if (!redis || !('getBuffer' in redis)) throw new Error('Expected a client of ioredis.')
  redis.on('error', onError)
  const life = (seconds = DAY_SECONDS) => Math.max(1, Math.ceil(seconds))
  const storage = createStorage({
    driver: {
      ...driver,
      setItem: (key, value, { ttl }) => driver.setItem?.(key, value, { ttl: ttl && life(ttl) }),
      // unstorage would write base64, which is a third longer.
      getItemRaw: key => redis.getBuffer(`${base}:${key}`),
      setItemRaw: async (key, value, { ttl }) =>
        void (await redis.set(`${base}:${key}`, Buffer.from(value), 'EX', life(ttl))),
    },
  })
  return { storage, streams: createStreams(redis, key => `${base}:${key}`, life) }
}

/** Life of a file that is being written. */
const WRITE_SECONDS = 3600

function createStreams(
  redis: Redis,
  nameOf: (key: string) => string,
  life: (seconds: number) => number,
): Streams {
  return {
    async write(key, content, ttlSeconds) {
      const part = `${nameOf('tmp')}:${randomUUID()}`
      try {
        await redis.set(part, '', 'EX', WRITE_SECONDS)
        for await (const piece of countPieces(content)) await redis.append(part, Buffer.from(piece))
        const replies = await redis.multi().expire(part, life(ttlSeconds)).rename(part, nameOf(key)).exec()
        for (const [error] of replies ?? []) if (error) throw error
      } catch (error) {
        await redis.unlink(part).catch(() => {})
        throw error
      }
    },
    readRange: (key, start, end) => redis.getrangeBuffer(nameOf(key), start, end - 1),
    measure: async key => ((await redis.exists(nameOf(key))) ? redis.strlen(nameOf(key)) : undefined),
  }
}
