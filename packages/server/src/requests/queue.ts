import type { CutoutRequest, Snapshot } from './request.ts'

/**
 * Where requests wait, run and are remembered. A request that was accepted ends: with its result, with an error, or
 * cancelled; whatever happens to a process in between.
 */
export interface Queue {
  /** Begins to run requests, those of before first. From now on the addresses of results must be known. */
  start(): void
  /** @throws {QueueFullError} {@link QueueClosedError} */
  submit(request: CutoutRequest): Promise<Snapshot>
  /** @returns undefined where there is none of this id, or it has expired */
  find(id: string): Promise<Snapshot | undefined>
  /**
   * The request's snapshots from now on, the present one first, each when something may have changed. OutcomeStore after
   * COMPLETED; earlier where the signal fires, or the queue closes.
   */
  watch(id: string, signal: AbortSignal): AsyncIterable<Snapshot>
  /** Stops a request: one that waits never runs, one that runs is aborted. Both are COMPLETED then. */
  cancel(id: string): Promise<'requested' | 'completed' | 'unknown'>
  /** How many wait, and how many run here. */
  count(): Promise<{ waiting: number; running: number }>
  /** Takes no request any more, lets those that run end, and leaves those that wait for the next start. */
  close(): Promise<void>
}

/** As many requests wait as may. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError'
}

/** The server is going down. */
export class QueueClosedError extends Error {
  override readonly name = 'QueueClosedError'
}

/** What it lies in does not answer just now. */
export class QueueUnavailableError extends Error {
  override readonly name = 'QueueUnavailableError'
}
