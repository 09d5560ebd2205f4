import { createStorage, type Storage } from 'unstorage'
import redisDriver from 'unstorage/drivers/redis'
import { failSoon, prefix } from './connect.ts'

const DAY_SECONDS = 24 * 3600

/**
 * Opens a storage of files in Redis, which removes expired files.
 *
 * @param onError is called for each lost connection; the client connects again by itself.
 */
export function openRedisStorage(url: string, onError: (error: unknown) => void): Storage {
  const base = `${prefix}:files`
  // Waits for a connection that is being opened, but no longer than a command may take.
  const driver = redisDriver({ url, base, ...failSoon, enableOfflineQueue: true })
  const redis = driver.getInstance?.()
  if (!redis || !('getBuffer' in redis)) throw new Error('Expected a client of ioredis.')
  redis.on('error', onError)
  const life = (seconds = DAY_SECONDS) => Math.max(1, Math.ceil(seconds))
  return createStorage({
    driver: {
      ...driver,
      setItem: (key, value, { ttl }) => driver.setItem?.(key, value, { ttl: ttl && life(ttl) }),
      // unstorage would write base64, which is a third longer.
      getItemRaw: key => redis.getBuffer(`${base}:${key}`),
      setItemRaw: async (key, value, { ttl }) =>
        void (await redis.set(`${base}:${key}`, Buffer.from(value), 'EX', life(ttl))),
    },
  })
}
