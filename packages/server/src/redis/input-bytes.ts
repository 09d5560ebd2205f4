import type { Redis } from 'ioredis'
import { prefix } from './connect.ts'

/** Characters of the images of all requests that have not ended, of all servers. */
export interface InputBytes {
  sum(): Promise<number>
  note(id: string, characters: number): Promise<void>
  forget(id: string): Promise<void>
}

/** A request whose server crashed before it was in the queue is no longer counted after a day. */
const MAX_AGE_MS = 24 * 3_600_000

/** A hash of one field per request: a sum alone would be wrong for ever after a crash. */
export function createInputBytes(redis: Redis): InputBytes {
  const key = `${prefix}:inputs`
  return {
    async sum() {
      const now = Date.now()
      let sum = 0
      for (const [id, text] of Object.entries(await redis.hgetall(key))) {
        const [characters, since] = text.split(' ').map(Number)
        if (now - since < MAX_AGE_MS) sum += characters
        else await redis.hdel(key, id)
      }
      return sum
    },
    note: async (id, characters) => void (await redis.hset(key, id, `${characters} ${Date.now()}`)),
    forget: async id => void (await redis.hdel(key, id)),
  }
}
