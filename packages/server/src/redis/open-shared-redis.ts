import type { Redis } from 'ioredis'
import type { FileStore } from '../files/file-store.ts'
import type { Queue } from '../requests/queue.ts'
import type { KeyStorage } from '../webhooks/signing-key.ts'
import type { Webhooks } from '../webhooks/webhooks.ts'
import { connectRedis, failSoon, prefix, waitForever } from './connect.ts'
import { openRequestEvents } from './events.ts'
import { postWebhooks } from './post-webhooks.ts'
import { createRedisBackend } from './redis-backend.ts'
import { createRedisQueue } from './redis-queue.ts'

interface SharedSettings {
  fileStore: FileStore
  webhooks: Webhooks
  maxWaiting: number
  resultLifeSeconds: number
  publicUrl(): string
  onError(error: unknown): void
}

/** A server's connections to the Redis that it shares with others. */
export interface SharedRedis {
  /** Where the key of webhooks is kept: the first server's is all servers'. */
  keys: KeyStorage
  openQueue(settings: SharedSettings): Promise<Queue>
  /** @throws where it does not answer */
  ping(): Promise<unknown>
  /** Hangs up, once what uses it is closed. */
  close(): void
}

/** @throws {NobgError} INVALID_OPTION where there is none */
export async function openSharedRedis(url: string, onError: (error: unknown) => void): Promise<SharedRedis> {
  const prompt = await connectRedis(url, failSoon, onError)
  const patient = await connectRedis(url, waitForever, onError)
  return {
    keys: keepFirst(prompt),
    ping: () => prompt.ping(),
    close() {
      prompt.disconnect()
      patient.disconnect()
    },
    async openQueue({ fileStore, webhooks, ...settings }) {
      const backend = createRedisBackend(prompt, fileStore, onError)
      const events = await openRequestEvents(patient, onError)
      const webhookWorker = postWebhooks(backend, patient, webhooks, onError)
      const queue = createRedisQueue({ ...settings, backend, events })
      return {
        ...queue,
        async close() {
          await queue.close()
          await Promise.all([webhookWorker.close(), events.close(), backend.close()])
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
