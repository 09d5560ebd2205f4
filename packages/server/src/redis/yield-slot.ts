import type { Worker } from 'bullmq'
import { MAX_YIELDS, type RunContext } from '../requests/request.ts'

/**
 * Creates a function that lets a worker take another request during a job that only waits, such as a fetch. BullMQ renews the
 * lock of the request that waits.
 */
export function createYieldSlot(worker: Worker): Required<RunContext>['yieldSlot'] {
  const { concurrency } = worker
  let yields = 0

  /** A worker whose slots are taken looks for requests when one ends, or when it goes on after a pause. */
  async function wake(): Promise<void> {
    await worker.pause(true)
    await worker.resume()
  }

  return async job => {
    if (yields >= MAX_YIELDS || worker.closing) return job()
    worker.concurrency = concurrency + ++yields
    try {
      const [value] = await Promise.all([job(), wake()])
      return value
    } finally {
      worker.concurrency = concurrency + --yields
    }
  }
}
