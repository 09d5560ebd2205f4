import { abortError, throwIfAborted } from './errors.ts'

/** Work in progress that any number of callers wait for. */
interface Flight<T> {
  promise: Promise<T>
  waiters: number
  controller: AbortController
}

/** Joins the work under way for `id`, or starts it; see `createSingleFlight`. */
type JoinSingleFlight<T> = (
  id: string,
  start: (signal: AbortSignal) => Promise<T>,
  signal?: AbortSignal,
) => Promise<T>

/**
 * Returns a function that runs `start` once for all who ask for the same `id` while it runs; all get its result or its
 * very error. A caller whose signal fires leaves at once (ABORTED) and the work goes on for the others; when the last
 * one has left, the signal that `start` was given fires, and whoever asks next starts afresh.
 */
export function createSingleFlight<T>(): JoinSingleFlight<T> {
  const flights = new Map<string, Flight<T>>()

  function takeOff(id: string, start: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController()
    const promise = start(controller.signal).finally(() => land(id, flight))
    const flight: Flight<T> = { promise, waiters: 0, controller }
    // Where all have left, nobody is there to hear of its failure.
    promise.catch(() => {})
    flights.set(id, flight)
    return flight
  }

  function land(id: string, flight: Flight<T>): void {
    if (flights.get(id) === flight) flights.delete(id)
  }

  return async (id, start, signal) => {
    throwIfAborted(signal)
    const flight = flights.get(id) ?? takeOff(id, start)
    flight.waiters++
    try {
      return await untilAborted(flight.promise, signal)
    } finally {
      flight.waiters--
      if (flight.waiters === 0 && flights.get(id) === flight) {
        land(id, flight)
        flight.controller.abort(signal?.reason)
      }
    }
  }
}

/** The promise's outcome, or ABORTED as soon as the signal fires. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise
  return new Promise((resolve, reject) => {
    const leave = () => reject(abortError(signal))
    signal.addEventListener('abort', leave, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
  })
}
