import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type Tinypool from 'tinypool'
import type { Death } from './explain-death.ts'

/** How much of a process's stderr is kept, in characters. */
const KEPT_STDERR = 4000
/** How long the end of a dead process's stderr is waited for: a process of its own may hold the pipe open. */
const LONGEST_CLOSING_MS = 1000

/** What a pool's workers left behind. */
interface Notes {
  /** The error of a worker that died before it had a job. */
  startError?: Error
  /** The process that was started last. */
  process?: { child: ChildProcess; stderr: string }
}

const notesOf = new WeakMap<Tinypool, Notes>()

/** To be called once for each new pool. */
export function watchDeaths(pool: Tinypool): void {
  const notes: Notes = {}
  notesOf.set(pool, notes)
  // A worker died that had no job: either it was idle, and its successor starts with the next job, or it died at its
  // start, and the job that waits for it would wait for ever.
  pool.on('error', error => {
    notes.startError = error
    pool.cancelPendingTasks()
  })
}

/** To be called after each job was given to a pool of one process: the job may have started a new one. */
export function watchProcess(pool: Tinypool): void {
  const notes = notesOf.get(pool)
  // Tinypool's worker holds its process and says nothing of how it ended.
  const child = (pool.threads.at(-1) as unknown as { process?: ChildProcess } | undefined)?.process
  if (!notes || !child || notes.process?.child === child) return
  const watched = { child, stderr: '' }
  notes.process = watched
  child.stderr?.on('data', (chunk: Buffer) => {
    watched.stderr = (watched.stderr + chunk.toString()).slice(-KEPT_STDERR)
  })
}

/** All that is known of the worker whose job failed with `error`. */
export async function readDeath(pool: Tinypool, error: Error): Promise<Death> {
  const notes = notesOf.get(pool)
  // A job that waited for its worker was cancelled, and does not know why.
  const reason = error.name === 'CancelError' ? (notes?.startError ?? error) : error
  if (!notes?.process) return { error: reason }
  const { child } = notes.process
  if (child.exitCode === null && child.signalCode === null) return { error: reason }
  if (child.stderr && !child.stderr.closed)
    await Promise.race([once(child.stderr, 'close'), delay(LONGEST_CLOSING_MS)])
  const { exitCode, signalCode: signal } = child
  return { error: reason, exitCode, signal, stderr: notes.process.stderr }
}
