import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type Tinypool from 'tinypool'
import type { WorkerExit } from './explain-exit.ts'

/** Number of characters of a process's stderr that are kept. */
const KEPT_STDERR = 4000
/** Longest wait for the end of an ended process's stderr: a grandchild may hold the pipe open. */
const LONGEST_CLOSING_MS = 1000

/** Information about the ended workers of a pool. */
interface Notes {
  /** The error of a worker that ended unexpectedly before it had a job. */
  startError?: Error
  /** The last process that was started. */
  process?: { child: ChildProcess; stderr: string }
}

const notesOf = new WeakMap<Tinypool, Notes>()

/** Starts watching a pool. Call it once for each new pool. */
export function watchExits(pool: Tinypool): void {
  const notes: Notes = {}
  notesOf.set(pool, notes)
  // A worker without a job ended. If it was idle, the next job starts another worker. If it ended at its start, the job that
  // waits for it would wait forever.
  pool.on('error', error => {
    notes.startError = error
    pool.cancelPendingTasks()
  })
}

/** Starts watching the process of a pool. Call it after each job was given: the job may have started a new process. */
export function watchProcess(pool: Tinypool): void {
  const notes = notesOf.get(pool)
  // Tinypool does not expose how a process ended, so read the process from its worker.
  const child = (pool.threads.at(-1) as unknown as { process?: ChildProcess } | undefined)?.process
  if (!notes || !child || notes.process?.child === child) return
  const watched = { child, stderr: '' }
  notes.process = watched
  child.stderr?.on('data', (chunk: Buffer) => {
    watched.stderr = (watched.stderr + chunk.toString()).slice(-KEPT_STDERR)
  })
}

/** Returns how the worker ended whose job failed with `error`. */
export async function readExit(pool: Tinypool, error: Error): Promise<WorkerExit> {
  const notes = notesOf.get(pool)
  // A job that was canceled while it waited for its worker does not know the reason.
  const reason = error.name === 'CancelError' ? (notes?.startError ?? error) : error
  if (!notes?.process) return { error: reason }
  const { child } = notes.process
  if (child.exitCode === null && child.signalCode === null) return { error: reason }
  if (child.stderr && !child.stderr.closed)
    await Promise.race([once(child.stderr, 'close'), delay(LONGEST_CLOSING_MS)])
  const { exitCode, signalCode: signal } = child
  return { error: reason, exitCode, signal, stderr: notes.process.stderr }
}
