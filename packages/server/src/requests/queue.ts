import type { CutoutRequest, Snapshot } from './request.ts'

/**
 * Holds requests from submit to expiry. Every accepted request ends with a result, an error or a cancellation, even if a
 * process crashes.
 */
export interface Queue {
  /** Starts to run requests, those of the last process first. The addresses of results must be known. */
  start(): void
  /** @throws {QueueFullError} {@link QueueClosedError} */
  submit(request: CutoutRequest): Promise<Snapshot>
  /** @returns undefined if there is no request of this id or it has expired */
  find(id: string): Promise<Snapshot | undefined>
  /**
   * Yields the current snapshot, then one after each possible change. Ends after COMPLETED, or when the signal fires or the
   * queue closes.
   */
  watch(id: string, signal: AbortSignal): AsyncIterable<Snapshot>
  /**
   * Whether a server closed while a client watched the request, which has not ended since. fal's client takes the end of a
   * stream for the end of the request, and asks for the result.
   */
  wasCut(id: string): Promise<boolean>
  /** Ends a request as COMPLETED. A waiting request does not run, a running request is aborted. */
  cancel(id: string): Promise<'requested' | 'completed' | 'unknown'>
  /** How many requests wait, and how many run. */
  count(): Promise<{ waiting: number; running: number }>
  /** Accepts no more requests, and waits for running requests. Waiting requests run after the next start. */
  close(): Promise<void>
}

/** The maximum of waiting requests is reached. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError'
}

/** The server is closing. */
export class QueueClosedError extends Error {
  override readonly name = 'QueueClosedError'
}

/** The backend of the queue does not answer. */
export class QueueUnavailableError extends Error {
  override readonly name = 'QueueUnavailableError'
}
