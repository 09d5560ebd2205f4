import { NobgError } from '@nobg/core'
import { Redis, type RedisOptions } from 'ioredis'

/** All that this package has in Redis begins with it. */
export const prefix = 'nobg'

/** For processes that somebody waits for: what Redis does not answer soon fails. */
export const failSoon = {
  maxRetriesPerRequest: 1,
  enableOfflineQueue: false,
  commandTimeout: 5000,
} satisfies RedisOptions

/** For processes that nobody waits for: a lost Redis is waited for. BullMQ's workers ask for it. */
export const waitForever = { maxRetriesPerRequest: null } satisfies RedisOptions

/** How long BullMQ's workers wait after an error until they ask Redis again, in milliseconds. */
export const runRetryDelay = 1000

/**
 * Connects to a Redis server.
 *
 * @param onError hears of each loss of the connection, which comes back by itself.
 * @throws {NobgError} INVALID_OPTION where none answers at this address
 */
export async function connectRedis(
  url: string,
  options: RedisOptions,
  onError: (error: unknown) => void,
): Promise<Redis> {
  const first = { lazyConnect: true, retryStrategy: () => null } as const
  const redis = new Redis(url, { ...options, ...first })
  let reason: Error | undefined
  redis.on('error', error => {
    reason = error
  })
  try {
    await redis.connect()
  } catch (cause) {
    redis.disconnect()
    const { host, port } = redis.options
    throw new NobgError(
      'INVALID_OPTION',
      `redis: expected a Redis server at ${host}:${port}, got ${(reason ?? (cause as Error)).message}.`,
      { hint: 'Start it, or correct the address.', cause },
    )
  }
  redis.removeAllListeners('error').on('error', onError)
  redis.options.retryStrategy = times => Math.min(times * 100, 2000)
  return redis
}
