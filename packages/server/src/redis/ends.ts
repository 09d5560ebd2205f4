import type { Redis } from 'ioredis'
import { expired } from '../queue/outcomes.ts'
import type { Outcome } from '../requests.ts'
import { prefix } from './connect.ts'
import type { Parcel, Parcels } from './parcels.ts'

/** How requests have ended: once each, and what comes first counts, whichever process says it. */
export interface Ends {
  /** @returns undefined where it has not ended, or was forgotten */
  read(id: string): Promise<Outcome | undefined>
  has(id: string): Promise<boolean>
  /** Remembers it for so long. @returns whether nobody had done so before, and what counts from now on. */
  decide(id: string, outcome: Outcome, lifeSeconds: number): Promise<{ isFirst: boolean; parcel: Parcel }>
}

export function createEnds(redis: Redis, parcels: Parcels): Ends {
  const keyOf = (id: string) => `${prefix}:end:${id}`
  const find = async (id: string): Promise<Parcel | undefined> => {
    const text = await redis.get(keyOf(id))
    return text ? JSON.parse(text) : undefined
  }

  return {
    async read(id) {
      const parcel = await find(id)
      return parcel && (((await parcels.open(parcel)) as Outcome | undefined) ?? expired)
    },
    has: async id => (await redis.exists(keyOf(id))) === 1,
    async decide(id, outcome, lifeSeconds) {
      const parcel = await parcels.pack(outcome, lifeSeconds)
      const answer = await redis.set(keyOf(id), JSON.stringify(parcel), 'EX', lifeSeconds, 'NX')
      if (answer === 'OK') return { isFirst: true, parcel }
      await parcels.drop(parcel)
      return { isFirst: false, parcel: (await find(id)) ?? parcel }
    },
  }
}
