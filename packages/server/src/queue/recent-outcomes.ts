import type { LogLine, Outcome } from '../requests/request.ts'

/** 16 MB in all. Lengths are in characters. */
const MAX_OUTCOMES = 1000
const MAX_RECORD_LENGTH = 16_384

/** How a request has ended. */
interface Ending {
  outcome: Outcome
  logs: readonly LogLine[]
}

/** The last outcomes, in memory, so that clients that wait for a result do not wait for the disk. */
export interface RecentOutcomes {
  /** @param recordLength length of the record in characters. Long records, which contain data URIs, are not kept. */
  keep(id: string, ending: Ending, recordLength: number): void
  get(id: string): Ending | undefined
  forget(id: string): void
}

export function createRecentOutcomes(): RecentOutcomes {
  const outcomes = new Map<string, Ending>()
  return {
    keep(id, { outcome, logs }, recordLength) {
      if (recordLength > MAX_RECORD_LENGTH) return
      outcomes.set(id, { outcome, logs })
      const [oldest] = outcomes.keys()
      if (outcomes.size > MAX_OUTCOMES) outcomes.delete(oldest)
    },
    get: id => outcomes.get(id),
    forget: id => void outcomes.delete(id),
  }
}
