import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { abortError, throwIfAborted } from './errors.ts'
import { type Holder, holderFs, type LockLook, watchLock } from './lock-holder.ts'
import { makeDir } from './make-dir.ts'
import type { Logger } from './types.ts'

/** A lock whose holder has not renewed it for so long belongs to a process that was killed. */
const STALE_AFTER_MS = 10_000

const FIRST_WAIT_MS = 25
const LONGEST_WAIT_MS = 500

/** How long a wait goes on without a word, and after how long the same holder is named again. */
const SILENT_FOR_MS = 3000
const SILENT_AGAIN_MS = 60_000

interface LockOptions {
  /** What is locked, as the subject of a sentence: `the weights of u2netp`. */
  subject: string
  signal?: AbortSignal
  /** Hears why there is no lock. */
  onError: (error: unknown) => void
  /** Called now and then while another holds the lock. */
  onWait?: () => void
  /** Hears after a few seconds that another holds the lock, and who. */
  logger?: Logger
}

/** How a lock is taken. */
export interface AcquireOptions {
  /** The folder that is the lock. Default: `<path>.lock`. */
  lockPath?: string
  /** After how long without a renewal the lock is another's to take. Default: 10 s. */
  staleMs?: number
  /** How often the holder renews the lock. Default: half of `staleMs`. */
  renewMs?: number
  signal?: AbortSignal
  /** Called after each look at a lock that another holds; an error that it throws ends the waiting. */
  onWait?: (look: LockLook, waitedMs: number) => void
  /** Hears that another took the lock, because this process stood still for too long. */
  onLost?: (error: Error) => void
}

/**
 * Runs `work` while holding the lock at `path`, of which one process at a time is the holder; waits until it is free. The
 * lock of a killed process is taken over after ten seconds. A lock saves work and guards nothing else: where none can be
 * made (`onError` hears why), and where one is lost because the holder's event loop stood still, the work goes on.
 *
 * @throws {NobgError} ABORTED when the signal fires during the wait
 */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  { subject, signal, onError, onWait, logger }: LockOptions,
): Promise<T> {
  const wait = ({ holder }: LockLook, waitedMs: number) => {
    onWait?.()
    if (waitedMs > SILENT_FOR_MS) announceWait(subject, `${path}.lock`, holder, logger)
  }
  const release = await acquireLock(path, { signal, onWait: wait }).catch(error => {
    throwIfAborted(signal)
    onError(error)
  })
  try {
    return await work()
  } finally {
    await release?.().catch(() => {})
  }
}

/**
 * Takes the lock at `path`, and waits while another holds it. Never takes the lock of a holder that renews it.
 *
 * Rejects with the system's error where no lock can be made, and with what `onWait` throws.
 *
 * @returns gives the lock back
 * @throws {NobgError} ABORTED
 */
export async function acquireLock(path: string, options: AcquireOptions = {}): Promise<() => Promise<void>> {
  const { lockPath = `${path}.lock`, staleMs = STALE_AFTER_MS, signal, onWait, onLost } = options
  // Loaded only where something must be created: a warm cache never locks.
  const { lock } = await import('proper-lockfile')
  await makeDir(dirname(lockPath))
  // Whether a lock is stale is decided here: the library goes by the system's clock.
  const settings = { realpath: false, lockfilePath: lockPath, fs: holderFs, stale: Number.POSITIVE_INFINITY }
  const update = options.renewMs ?? staleMs / 2
  const watch = watchLock(lockPath, staleMs)
  const started = performance.now()
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 1.5, LONGEST_WAIT_MS)) {
    throwIfAborted(signal)
    try {
      return await lock(path, { ...settings, update, onCompromised: onLost ?? (() => {}) })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error
    }
    const look = await watch.look()
    if (look?.isStale) {
      await watch.takeAway()
      continue
    }
    if (look) onWait?.(look, performance.now() - started)
    await delay(waitMs * (0.5 + Math.random()), undefined, { signal }).catch(error => {
      throw signal ? abortError(signal) : error
    })
  }
}

/** A lock's holder in words: `process 4711 on build-3`. */
export function describeHolder(holder: Holder | undefined): string {
  return holder ? `process ${holder.pid} on ${holder.host}` : 'another process'
}

/** When each holder was named, by `performance.now()`: a build may wait for a hundred locks of one holder. */
const announced = new Map<string, number>()

function announceWait(
  subject: string,
  lockPath: string,
  holder: Holder | undefined,
  logger: Logger | undefined,
): void {
  const name = describeHolder(holder)
  const now = performance.now()
  if (now - (announced.get(name) ?? Number.NEGATIVE_INFINITY) < SILENT_AGAIN_MS) return
  announced.set(name, now)
  logger?.info(
    `nobg: waiting for ${name}, which is at work on ${subject}. If that process is gone, the wait ends by itself after ten seconds. (${lockPath})`,
  )
}
