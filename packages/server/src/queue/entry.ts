import type { CutoutRequest, LogLine, Outcome, Snapshot } from '../requests/request.ts'
import type { Rank } from './line.ts'

/** A request that has not ended, without its input, which may be large. */
export interface Entry {
  readonly id: string
  readonly rank: Rank
  readonly request: Omit<CutoutRequest, 'input'>
  /** Characters of its image. */
  readonly inputLength: number
  /** How often it has been started. */
  attempts: number
  /** Only moves forward. COMPLETED after the outcome is on the disk. */
  state: Snapshot['state']
  readonly logs: LogLine[]
  /** Aborts the run. */
  readonly abort: AbortController
  /** Ends the request if it has not started in time. */
  deadline?: NodeJS.Timeout
  /** Set as soon as the outcome is decided. Later outcomes are ignored. */
  ending?: Promise<void>
  /** The outcome, and its time in milliseconds since 1970, if they could not be written to the disk. */
  unsaved?: { outcome: Outcome; completedAt: number }
}

/**
 * @param inputLength characters of its image.
 * @param attempts number of starts by processes that crashed.
 */
export function createEntry(request: Omit<CutoutRequest, 'input'>, inputLength = 0, attempts = 0): Entry {
  const { id, priority } = request
  const rank = attempts > 0 ? 0 : priority === 'low' ? 2 : 1
  return {
    id,
    rank,
    request,
    inputLength,
    attempts,
    state: 'IN_QUEUE',
    logs: [],
    abort: new AbortController(),
  }
}

/** Adds a line to the log of a request. */
export function writeLog({ logs }: Entry, message: string, level: LogLine['level'] = 'INFO'): void {
  logs.push({ message, level, source: 'USER', timestamp: new Date().toISOString() })
}
