import type { CutoutRequest, LogLine, Outcome, Snapshot } from '../requests/request.ts'
import type { Rank } from './line.ts'

/** A request in memory, without its input and its outcome, which may be large. */
export interface Entry {
  readonly id: string
  readonly rank: Rank
  readonly request: Omit<CutoutRequest, 'input'>
  /** How often it has been started. */
  attempts: number
  /** Only changes forward; COMPLETED once the disk knows. */
  state: Snapshot['state']
  readonly logs: LogLine[]
  /** Tells what runs it to stop. */
  readonly abort: AbortController
  /** OutcomeStore it where it has not started by then. */
  deadline?: NodeJS.Timeout
  /** Set from the moment at which its end is decided: whatever comes later is too late. */
  ending?: Promise<void>
  /** Milliseconds since 1970. */
  completedAt?: number
  /** Whether its end is being told to whom it may concern. */
  isDelivering?: boolean
  /** What the disk would not take. */
  unsaved?: Outcome
}

/** @param attempts how often it was started by processes that died. */
export function createEntry(request: Omit<CutoutRequest, 'input'>, attempts = 0): Entry {
  const { id, priority } = request
  const rank = attempts > 0 ? 0 : priority === 'low' ? 2 : 1
  return { id, rank, request, attempts, state: 'IN_QUEUE', logs: [], abort: new AbortController() }
}

/** Adds a line to what a request says of itself. */
export function writeLog({ logs }: Entry, message: string, level: LogLine['level'] = 'INFO'): void {
  logs.push({ message, level, source: 'USER', timestamp: new Date().toISOString() })
}
