import type { Outcome } from '../requests/request.ts'

/** Outcomes that are held at most, and how long the record of each may be, in letters: 16 MB in all. */
const [mostOutcomes, longestRecord] = [1000, 16_384]

/** The outcomes of requests that ended last, in memory: who has waited for one need not wait for the disk as well. */
export interface RecentOutcomes {
  /** @param recordLength letters of its record; one that holds a picture as a data URI is left to the disk. */
  keep(id: string, outcome: Outcome, recordLength: number): void
  get(id: string): Outcome | undefined
  forget(id: string): void
}

export function createRecentOutcomes(): RecentOutcomes {
  const outcomes = new Map<string, Outcome>()
  return {
    keep(id, outcome, recordLength) {
      if (recordLength > longestRecord) return
      outcomes.set(id, outcome)
      const [oldest] = outcomes.keys()
      if (outcomes.size > mostOutcomes) outcomes.delete(oldest)
    },
    get: id => outcomes.get(id),
    forget: id => void outcomes.delete(id),
  }
}
