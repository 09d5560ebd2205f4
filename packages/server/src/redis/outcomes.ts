import type { Redis } from 'ioredis'
import { expired } from '../requests/outcomes.ts'
import type { Outcome } from '../requests/request.ts'
import { prefix } from './connect.ts'
import type { Payload, PayloadStore } from './payloads.ts'

/** How requests have ended: once each, and what comes first counts, whichever process says it. */
export interface OutcomeStore {
  /** @returns undefined where it has not ended, or was forgotten */
  read(id: string): Promise<Outcome | undefined>
  has(id: string): Promise<boolean>
  /** Remembers it for so long. @returns whether nobody had done so before, and what counts from now on. */
  decide(id: string, outcome: Outcome, lifeSeconds: number): Promise<{ isFirst: boolean; payload: Payload }>
}

export function createOutcomeStore(redis: Redis, payloads: PayloadStore): OutcomeStore {
  const keyOf = (id: string) => `${prefix}:end:${id}`
  const find = async (id: string): Promise<Payload | undefined> => {
    const text = await redis.get(keyOf(id))
    return text ? JSON.parse(text) : undefined
  }

  return {
    async read(id) {
      const payload = await find(id)
      return payload && (((await payloads.get(payload)) as Outcome | undefined) ?? expired)
    },
    has: async id => (await redis.exists(keyOf(id))) === 1,
    async decide(id, outcome, lifeSeconds) {
      const payload = await payloads.put(outcome, lifeSeconds)
      const answer = await redis.set(keyOf(id), JSON.stringify(payload), 'EX', lifeSeconds, 'NX')
      if (answer === 'OK') return { isFirst: true, payload }
      await payloads.delete(payload)
      return { isFirst: false, payload: (await find(id)) ?? payload }
    },
  }
}
