import PQueue from 'p-queue'
import { MAX_YIELDS } from '../requests/request.ts'
import type { Entry } from './entry.ts'
import type { Line } from './line.ts'

/** Slots of running requests. */
export interface Slots {
  /** The jobs that run. A job takes the first request of the line when it starts. */
  jobs: PQueue
  /** Sets the number of slots by the first request of the line. Call it after each change of the line. */
  adjust(): void
  /** Lets another request run during `job`. */
  yieldSlot<Value>(entry: Entry, job: () => Promise<Value>): Promise<Value>
}

/** @param concurrency number of slots. The jobs do not start by themselves. */
export function createSlots(concurrency: number, line: Line<Entry>): Slots {
  const jobs = new PQueue({ concurrency, autoStart: false })
  let yields = 0

  /** Requests that ran when the process crashed run alone, so that a request that crashes the process affects no other. */
  function adjust(): void {
    const [next] = line
    jobs.concurrency = (next?.rank === 0 ? 1 : concurrency) + yields
  }

  return {
    jobs,
    adjust,
    async yieldSlot({ rank }, job) {
      if (rank === 0 || yields >= MAX_YIELDS) return job()
      yields++
      adjust()
      try {
        return await job()
      } finally {
        yields--
        adjust()
      }
    },
  }
}
