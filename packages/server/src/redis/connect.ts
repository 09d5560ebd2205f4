import { setTimeout as delay } from 'node:timers/promises'
import { NobgError } from '@nobg/core'
import { Redis, type RedisOptions } from 'ioredis'
import { isLoss } from './report-loss.ts'

/** Prefix of all keys of this package in Redis. */
export const prefix = 'nobg'

/** For calls that a client waits for: fail if Redis does not answer soon. */
export const failSoon = {
  maxRetriesPerRequest: 1,
  enableOfflineQueue: false,
  commandTimeout: 5000,
} satisfies RedisOptions

/** For background work: wait for a lost Redis. BullMQ's workers require it. */
export const waitForever = { maxRetriesPerRequest: null } satisfies RedisOptions

/** Milliseconds between an error of BullMQ's workers and their next call. */
export const runRetryDelay = 1000

/** A client whose `disconnect` always ends it. ioredis emits no `end` if it waits for its next attempt, and BullMQ waits for `end`. */
class Client extends Redis {
  override disconnect(reconnect = false): void {
    // ioredis ends a client that has not connected yet.
    if (this.status === 'reconnecting' && !reconnect) this.status = 'wait'
    super.disconnect(reconnect)
  }

  override duplicate(override?: Partial<RedisOptions>): Client {
    return new Client({ ...this.options, ...override })
  }
}

/**
 * Connects to a Redis server.
 *
 * @param onError is called for each lost connection; the client connects again by itself.
 * @param closing after it fires, a client without a connection ends, as do the copies that BullMQ makes of it.
 * @throws {NobgError} INVALID_OPTION if no Redis answers at this address
 */
export async function connectRedis(
  url: string,
  options: RedisOptions,
  onError: (error: unknown) => void,
  closing: AbortSignal,
): Promise<Redis> {
  const first = { lazyConnect: true, retryStrategy: () => null } as const
  const redis = new Client(url, { ...options, ...first })
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
      { hint: 'Start Redis, or correct the URL.', cause: reason ?? cause },
    )
  }
  redis.removeAllListeners('error').on('error', onError)
  redis.options.retryStrategy = times => (closing.aborted ? null : Math.min(times * 100, 2000))
  return redis
}

const WAIT_MS = 1000

/**
 * Connects to a Redis server and waits for one that cannot be reached yet.
 *
 * @param closing see {@link connectRedis}
 * @param onWait is called after the first failure, with the reason.
 * @throws {NobgError} INVALID_OPTION if Redis answers and refuses the connection, such as for a wrong password
 * @throws {Error} the reason of `signal`
 */
export async function waitForRedis(
  url: string,
  options: RedisOptions,
  onError: (error: unknown) => void,
  { closing, signal, onWait }: { closing: AbortSignal; signal?: AbortSignal; onWait(reason: Error): void },
): Promise<Redis> {
  for (let failures = 0; ; failures++) {
    signal?.throwIfAborted()
    try {
      return await connectRedis(url, options, onError, closing)
    } catch (error) {
      if (!isLoss(error)) throw error
      if (failures === 0) onWait(error as Error)
      await delay(WAIT_MS, undefined, { signal }).catch(() => {})
    }
  }
}
