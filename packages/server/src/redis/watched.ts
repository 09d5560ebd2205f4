import type { Redis } from 'ioredis'
import { prefix } from './connect.ts'

const CUT_SECONDS = 3600

/** The requests that clients of this server watch. */
export interface Watched {
  /** Counts a watcher of a request until the watch ends. */
  during<Value>(id: string, watch: AsyncIterable<Value>): AsyncGenerator<Value>
  /** Notes for all servers that this server closes while clients watch these requests. */
  noteCuts(): Promise<void>
  /** Whether any server has closed so, within an hour. */
  wasCut(id: string): Promise<boolean>
}

export function createWatched(redis: Redis): Watched {
  const watchers = new Map<symbol, string>()
  const keyOf = (id: string) => `${prefix}:cut:${id}`
  return {
    async *during(id, watch) {
      const watcher = Symbol(id)
      watchers.set(watcher, id)
      try {
        yield* watch
      } finally {
        watchers.delete(watcher)
      }
    },
    async noteCuts() {
      const ids = new Set(watchers.values())
      await Promise.allSettled([...ids].map(id => redis.set(keyOf(id), '', 'EX', CUT_SECONDS)))
    },
    wasCut: async id => (await redis.exists(keyOf(id))) === 1,
  }
}
