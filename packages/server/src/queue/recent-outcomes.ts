import type { Outcome } from '../requests/request.ts'

/** 16 MB in all. Lengths are in characters. */
const MAX_OUTCOMES = 1000
const MAX_RECORD_LENGTH = 16_384

/** The last outcomes, in memory, so that clients that wait for a result do not wait for the disk. */
export interface RecentOutcomes {
  /** @param recordLength length of the record in characters. Long records, which contain data URIs, are not kept. */
  keep(id: string, outcome: Outcome, recordLength: number): void
  get(id: string): Outcome | undefined
  forget(id: string): void
}

export function createRecentOutcomes(): RecentOutcomes {
  const outcomes = new Map<string, Outcome>()
  return {
    keep(id, outcome, recordLength) {
      if (recordLength > MAX_RECORD_LENGTH) return
      outcomes.set(id, outcome)
      const [oldest] = outcomes.keys()
      if (outcomes.size > MAX_OUTCOMES) outcomes.delete(oldest)
    },
    get: id => outcomes.get(id),
    forget: id => void outcomes.delete(id),
  }
}
