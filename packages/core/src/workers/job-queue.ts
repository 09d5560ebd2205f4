import PQueue from 'p-queue'
import { abortError, throwIfAborted } from '../shared/errors.ts'

/** Runs jobs in order. Each job can be aborted, and so can all of them. */
export interface JobQueue {
  /**
   * Runs a job when its turn comes. The job's signal fires with the caller's signal and with `abortAll`.
   *
   * @throws {NobgError} ABORTED at once, even if the job takes time to end; the next job starts after that end
   */
  run<Value>(job: (signal: AbortSignal) => Promise<Value>, signal?: AbortSignal): Promise<Value>
  /** Number of jobs that wait or run. */
  count(): number
  /** Aborts all jobs. Resolves when they have ended. */
  abortAll(reason: Error): Promise<void>
}

/** @param concurrency number of jobs that run at the same time */
export function createJobQueue(concurrency: number): JobQueue {
  const queue = new PQueue({ concurrency })
  const turns = new Map<AbortController, Promise<unknown>>()

  /** Adds a job to the queue. An abort before its start removes it. */
  function enqueue<Value>(job: (signal: AbortSignal) => Promise<Value>, { signal }: AbortController) {
    const waiting = new AbortController()
    const leave = () => waiting.abort()
    signal.addEventListener('abort', leave)
    const start = () => {
      signal.removeEventListener('abort', leave)
      return job(signal)
    }
    return queue.add(start, { signal: waiting.signal })
  }

  return {
    async run(job, signal) {
      throwIfAborted(signal)
      // Not AbortSignal.any: it would keep memory of every job as long as the caller's signal exists.
      const controller = new AbortController()
      const forward = () => controller.abort(signal?.reason)
      signal?.addEventListener('abort', forward, { once: true })
      const turn = enqueue(job, controller).finally(() => turns.delete(controller))
      turns.set(controller, turn)
      try {
        return await Promise.race([turn, rejectOnAbort(controller.signal)])
      } catch (error) {
        throw controller.signal.aborted ? abortError(controller.signal) : error
      } finally {
        signal?.removeEventListener('abort', forward)
      }
    },
    count: () => queue.size + queue.pending,
    async abortAll(reason) {
      const ended = [...turns.values()]
      for (const controller of turns.keys()) controller.abort(reason)
      await Promise.allSettled(ended)
    },
  }
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
}
