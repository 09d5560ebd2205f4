import PQueue from 'p-queue'
import { abortError, throwIfAborted } from '../shared/errors.ts'

/** Jobs in turn, each of which can be aborted alone, and all of them together. */
export interface JobQueue {
  /**
   * Runs a job when its turn has come. The signal that the job gets fires with the caller's own, and with `abortAll`.
   *
   * @throws {NobgError} ABORTED, at once: a job that cannot heed its signal at once ends unseen, and then the next starts.
   */
  run<Value>(job: (signal: AbortSignal) => Promise<Value>, signal?: AbortSignal): Promise<Value>
  /** Jobs that wait or run. */
  count(): number
  /** Aborts every job that runs or waits; resolves when they have ended. */
  abortAll(reason: Error): Promise<void>
}

/** @param concurrency jobs that run at the same time */
export function createJobQueue(concurrency: number): JobQueue {
  const queue = new PQueue({ concurrency })
  const turns = new Map<AbortController, Promise<unknown>>()

  /** A place in the queue, which is given up by an abort for as long as the job has not begun. */
  function takeTurn<Value>(job: (signal: AbortSignal) => Promise<Value>, { signal }: AbortController) {
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
      // AbortSignal.any would do, and keep a little of every job for as long as the queue lives.
      const controller = new AbortController()
      const forward = () => controller.abort(signal?.reason)
      signal?.addEventListener('abort', forward, { once: true })
      const turn = takeTurn(job, controller).finally(() => turns.delete(controller))
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
