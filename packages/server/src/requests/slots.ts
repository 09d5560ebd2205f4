import PQueue from 'p-queue'
import { canceled } from './outcomes.ts'
import type { Run, RunContext } from './request.ts'

/** Number of requests that may be outside their slot at the same time. Each holds at most its fetched file. */
const MAX_YIELDS = 16
/** Requests that return to a slot come before requests that start. */
const RETURNS_FIRST = 1

/** The slots of a process: as many requests run at the same time. A request that fetches its image is outside its slot. */
export interface Slots {
  /** Wraps a function that runs requests: each run waits for a slot, and can yield it. */
  occupy(run: Run): Run
}

/**
 * @param concurrency number of slots.
 * @param onYields is called with the number of requests that fetch outside their slot: so many more may start.
 */
export function createSlots(concurrency: number, onYields: (fetching: number) => void): Slots {
  const slots = new PQueue({ concurrency })
  let fetching = 0
  /** Requests that fetch, and requests that wait for a slot after their fetch. */
  let outside = 0

  function noteFetching(change: 1 | -1): void {
    fetching += change
    onYields(fetching)
  }

  /** @returns a function that frees the slot @throws the reason of the signal */
  function take(signal: AbortSignal, priority = 0): Promise<() => void> {
    return new Promise((resolve, reject) => {
      slots.add(() => new Promise<void>(resolve), { signal, priority }).catch(reject)
    })
  }

  async function runOutside<Value>(job: () => Promise<Value>, free: () => void): Promise<Value> {
    noteFetching(1)
    free()
    try {
      return await job()
    } finally {
      noteFetching(-1)
    }
  }

  return {
    occupy: run => async (request, context) => {
      const { signal } = context
      // A run that is left behind must not take a slot.
      const ended = new AbortController()
      const waiting = AbortSignal.any([signal, ended.signal])
      let free = () => {}
      const yieldSlot: RunContext['yieldSlot'] = async job => {
        if (outside >= MAX_YIELDS) return job()
        outside++
        try {
          // Without a slot if the job fails: then the request only ends.
          const value = await runOutside(job, free)
          free = await take(waiting, RETURNS_FIRST)
          return value
        } finally {
          outside--
        }
      }
      try {
        free = await take(waiting)
        return await run(request, { ...context, yieldSlot })
      } catch (error) {
        if (signal.aborted) return canceled
        throw error
      } finally {
        ended.abort()
        free()
      }
    },
  }
}
