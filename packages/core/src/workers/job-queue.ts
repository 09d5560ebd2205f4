import PQueue from 'p-queue'
import { abortError, throwIfAborted } from '../errors.ts'

/** Jobs in turn, each of which can be aborted alone, and all of them together. */
export interface JobQueue {
  /**
   * Runs a job when its turn has come. The signal that the job gets fires with the caller's own, and with `abortAll`.
   *
   * @throws {NobgError} ABORTED, at once: a job that does not heed its signal goes on unseen, and the next one starts.
   */
  run<Value>(job: (signal: AbortSignal) => Promise<Value>, signal?: AbortSignal): Promise<Value>
  /** Aborts every job that runs or waits. */
  abortAll(reason: Error): void
}

/** @param concurrency jobs that run at the same time */
export function createJobQueue(concurrency: number): JobQueue {
  const queue = new PQueue({ concurrency })
  const running = new Set<AbortController>()
  return {
    async run(job, signal) {
      throwIfAborted(signal)
      // AbortSignal.any would do, and keep a little of every job for as long as the queue lives.
      const controller = new AbortController()
      const forward = () => controller.abort(signal?.reason)
      signal?.addEventListener('abort', forward, { once: true })
      running.add(controller)
      try {
        return await queue.add(() => job(controller.signal), { signal: controller.signal })
      } catch (error) {
        throw controller.signal.aborted ? abortError(controller.signal) : error
      } finally {
        signal?.removeEventListener('abort', forward)
        running.delete(controller)
      }
    },
    abortAll(reason) {
      for (const controller of running) controller.abort(reason)
    },
  }
}
