import { type Redis, ReplyError } from 'ioredis'
import type { TokenFileStore } from '../files/token-file-store.ts'
import type { Queue } from '../requests/queue.ts'
import type { KeyStorage } from '../webhooks/signing-key.ts'
import type { Webhooks } from '../webhooks/webhooks.ts'
import { closeUnlessAway } from './close-unless-away.ts'
import { connectRedis, failSoon, prefix, waitForever } from './connect.ts'
import { openRequestEvents } from './events.ts'
import { postWebhooks } from './post-webhooks.ts'
import { createRedisBackend } from './redis-backend.ts'
import { createRedisQueue, type RedisQueueSettings } from './redis-queue.ts'
import { createSharedMetrics } from './shared-metrics.ts'

interface SharedQueueSettings extends Omit<RedisQueueSettings, 'backend' | 'events'> {
  fileStore: TokenFileStore
  webhooks: Webhooks
}

/** A server's connections to a Redis that it shares with other servers and workers. */
export interface SharedRedis {
  /** Keeps the key of webhooks. All servers use the key of the first server. */
  keys: KeyStorage
  openQueue(settings: SharedQueueSettings): Promise<Queue>
  /** @returns why Redis takes no requests; undefined if it does */
  probe(): Promise<string | undefined>
  /** @returns metrics of the requests of all servers and workers, in the text format of Prometheus */
  readMetrics(): Promise<string>
  /** Closes the connections. The queue must be closed before. */
  close(): void
}

/** @throws {NobgError} INVALID_OPTION if no Redis answers */
export async function openSharedRedis(url: string, onError: (error: unknown) => void): Promise<SharedRedis> {
  const closing = new AbortController()
  const failing = await connectRedis(url, failSoon, onError, closing.signal)
  const waiting = await connectRedis(url, waitForever, onError, closing.signal)
  return {
    keys: keepFirst(failing),
    probe: () => probeRedis(failing),
    readMetrics: createSharedMetrics(failing, onError).read,
    close() {
      closing.abort()
      failing.disconnect()
      waiting.disconnect()
    },
    async openQueue({ fileStore, webhooks, ...settings }) {
      const backend = createRedisBackend(failing, fileStore, onError)
      const events = await openRequestEvents(waiting, onError)
      const webhookWorker = postWebhooks(backend, waiting, webhooks, onError)
      const queue = createRedisQueue({ ...settings, backend, events })
      return {
        ...queue,
        async close() {
          await queue.close()
          const closed = [webhookWorker.close(), events.close(), backend.close()]
          await closeUnlessAway(waiting, Promise.all(closed))
        },
      }
    },
  }
}

function keepFirst(redis: Redis): KeyStorage {
  return {
    getItem: name => redis.get(`${prefix}:${name}`),
    setItem: async (name, value) => void (await redis.setnx(`${prefix}:${name}`, value)),
  }
}

/** Writes by a script, as the queue does: a Redis whose memory is full, a read-only replica, and a user without rights answer a ping. */
async function probeRedis(redis: Redis): Promise<string | undefined> {
  try {
    await redis.eval("return redis.call('set', KEYS[1], '1', 'EX', 60)", 1, `${prefix}:probe`)
    return undefined
  } catch (error) {
    return error instanceof ReplyError ? 'Redis takes no writes.' : 'Redis does not answer.'
  }
}
