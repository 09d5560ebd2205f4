import { setTimeout as delay } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { isLoss } from './report-loss.ts'

const CHECK_MS = 1000
/** Number of checks in a row without a connection after which Redis is away. */
const MAX_MISSES = 3

/**
 * Waits until BullMQ has closed. If Redis is away, or refuses the connection, BullMQ would wait for it, maybe for ever: then this
 * resolves after some seconds.
 */
export async function closeUnlessAway(redis: Redis, closing: Promise<unknown>): Promise<void> {
  const over = new AbortController()
  try {
    await Promise.race([closing, waitUntilAway(redis, over.signal)])
  } catch (error) {
    // It was lost while BullMQ opened its connections.
    if (!isLoss(error)) throw error
  } finally {
    over.abort()
  }
}

async function waitUntilAway(redis: Redis, signal: AbortSignal): Promise<void> {
  for (let misses = 0; misses < MAX_MISSES && !signal.aborted; ) {
    await delay(CHECK_MS, undefined, { signal }).catch(() => {})
    misses = redis.status === 'ready' ? 0 : misses + 1
  }
}
