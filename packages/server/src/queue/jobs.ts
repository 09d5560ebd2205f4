import PQueue from 'p-queue'
import type { Run } from '../requests/request.ts'
import { createSlots } from '../requests/slots.ts'
import type { Entry } from './entry.ts'
import type { Line } from './line.ts'

/** Jobs of running requests. */
export interface Jobs {
  /** A job takes the first request of the line when it starts. */
  pool: PQueue
  /** Sets the number of jobs by the first request of the line. Call it after each change of the line. */
  adjust(): void
  /** @returns `run` for a request of the line */
  occupy(entry: Entry, run: Run): Run
}

/** @param concurrency number of slots. The jobs do not start by themselves. */
export function createJobs(concurrency: number, line: Line<Entry>): Jobs {
  const pool = new PQueue({ concurrency, autoStart: false })
  let fetching = 0
  const slots = createSlots(concurrency, count => {
    fetching = count
    adjust()
  })

  /** Requests that ran when the process crashed run alone, so that a request that crashes the process affects no other. */
  function adjust(): void {
    const [next] = line
    pool.concurrency = (next?.rank === 0 ? 1 : concurrency) + fetching
  }

  return {
    pool,
    adjust,
    // A request that runs alone needs no slot, and keeps others from starting during its fetch.
    occupy: ({ rank }, run) => (rank === 0 ? run : slots.occupy(run)),
  }
}
