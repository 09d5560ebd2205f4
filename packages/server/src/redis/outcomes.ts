import type { Redis } from 'ioredis'
import { expired } from '../requests/outcomes.ts'
import type { Outcome } from '../requests/request.ts'
import { prefix } from './connect.ts'
import type { Payload, PayloadStore } from './payloads.ts'

/** Outcomes of requests. The first outcome of a request counts, from any process. */
export interface OutcomeStore {
  /** @returns undefined if the request has not ended or has expired */
  read(id: string): Promise<Outcome | undefined>
  has(id: string): Promise<boolean>
  /** Stores an outcome unless there is one. @returns whether it was the first, and the outcome that counts */
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
