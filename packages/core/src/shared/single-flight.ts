import { abortError, throwIfAborted } from './errors.ts'

/** A run that any number of callers wait for. */
interface SharedRun<T> {
  promise: Promise<T>
  waiters: number
  controller: AbortController
}

/** Joins the current run for `id`, or starts one; see {@link createSingleFlight}. */
type JoinSingleFlight<T> = (
  id: string,
  start: (signal: AbortSignal) => Promise<T>,
  signal?: AbortSignal,
) => Promise<T>

/**
 * Returns a function that calls `start` once for all callers that pass the same `id` while it runs. All callers get the same
 * result or the same error. A caller whose signal fires gets ABORTED, and the run continues for the others. After the last
 * caller has left, the signal passed to `start` fires, and the next call starts a new run.
 */
export function createSingleFlight<T>(): JoinSingleFlight<T> {
  const runs = new Map<string, SharedRun<T>>()

  function begin(id: string, start: (signal: AbortSignal) => Promise<T>): SharedRun<T> {
    const controller = new AbortController()
    const promise = start(controller.signal).finally(() => forget(id, run))
    const run: SharedRun<T> = { promise, waiters: 0, controller }
    // Without callers, a failure would be an unhandled rejection.
    promise.catch(() => {})
    runs.set(id, run)
    return run
  }

  function forget(id: string, run: SharedRun<T>): void {
    if (runs.get(id) === run) runs.delete(id)
  }

  return async (id, start, signal) => {
    throwIfAborted(signal)
    const run = runs.get(id) ?? begin(id, start)
    run.waiters++
    try {
      return await untilAborted(run.promise, signal)
    } finally {
      run.waiters--
      if (run.waiters === 0 && runs.get(id) === run) {
        forget(id, run)
        run.controller.abort(signal?.reason)
      }
    }
  }
}

/** Settles as the promise does, or rejects with ABORTED when the signal fires. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise
  return new Promise((resolve, reject) => {
    const leave = () => reject(abortError(signal))
    signal.addEventListener('abort', leave, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
  })
}
