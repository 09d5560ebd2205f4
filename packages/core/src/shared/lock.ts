import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { abortError, throwIfAborted } from './errors.ts'
import { type Holder, holderFs, type LockCheck, watchLock } from './lock-holder.ts'
import { makeDir } from './make-dir.ts'
import type { Logger } from './types.ts'

/** After this time without a renewal a lock counts as that of a killed process. */
const STALE_AFTER_MS = 10_000

const FIRST_WAIT_MS = 25
const LONGEST_WAIT_MS = 500

/** After this time a wait is logged, and logged again for the same holder. */
const SILENT_FOR_MS = 3000
const SILENT_AGAIN_MS = 60_000

interface LockOptions {
  /** What the holder does, with the holder as subject: `downloads u2netp (41 %)`. Called when a wait is logged. */
  readActivity: () => Promise<string> | string
  signal?: AbortSignal
  /** Called with the reason if no lock can be made. */
  onError: (error: unknown) => void
  /** Called repeatedly while another process holds the lock. */
  onWait?: () => void
  /** Logs the holder after a wait of a few seconds. */
  logger?: Logger
}

/** How a lock is taken. */
export interface AcquireOptions {
  /** The folder that is the lock. Default: `<path>.lock`. */
  lockPath?: string
  /** After this time without a renewal another process may take the lock. Default: 10 s. */
  staleMs?: number
  /** How often the holder renews the lock. Default: half of `staleMs`. */
  renewMs?: number
  signal?: AbortSignal
  /** Called after each check of a lock that another process holds. If it throws, the wait ends with that error. */
  onWait?: (check: LockCheck, waitedMs: number) => void
  /** Called if another process took the lock, because this process did not renew it in time. */
  onLost?: (error: Error) => void
}

/**
 * Waits for the lock at `path`, and runs `work` while it holds the lock. One process at a time holds a lock. The lock of a
 * killed process is free after ten seconds. A lock only avoids double work: if no lock can be made (`onError` is called),
 * or if the lock is lost because the event loop was blocked, `work` runs anyway.
 *
 * @throws {NobgError} ABORTED if the signal fires during the wait
 */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  { readActivity, signal, onError, onWait, logger }: LockOptions,
): Promise<T> {
  const wait = ({ holder }: LockCheck, waitedMs: number) => {
    onWait?.()
    if (waitedMs > SILENT_FOR_MS) void announceWait(readActivity, `${path}.lock`, holder, logger)
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
 * Takes the lock at `path`, and waits while another process holds it. Never takes the lock of a holder that renews it.
 * Rejects with the system's error if no lock can be made, and with the error that `onWait` throws.
 *
 * @returns a function that releases the lock
 * @throws {NobgError} ABORTED
 */
export async function acquireLock(path: string, options: AcquireOptions = {}): Promise<() => Promise<void>> {
  const { lockPath = `${path}.lock`, staleMs = STALE_AFTER_MS, signal, onWait, onLost } = options
  // Loaded on demand: a warm cache takes no lock.
  // The default export, because ncc gives a CommonJS module whose export is a function no named exports.
  const { default: lock } = await import('proper-lockfile')
  await makeDir(dirname(lockPath))
  // This module decides whether a lock is stale, because the library relies on the system's clock.
  const settings = { realpath: false, lockfilePath: lockPath, fs: holderFs, stale: Number.POSITIVE_INFINITY }
  const update = options.renewMs ?? staleMs / 2
  const watch = watchLock(lockPath, staleMs)
  const started = performance.now()
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 1.5, LONGEST_WAIT_MS)) {
    throwIfAborted(signal)
    try {
      return await lock.lock(path, { ...settings, update, onCompromised: onLost ?? (() => {}) })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error
    }
    const check = await watch.check()
    if (check?.isStale) {
      await watch.takeAway()
      continue
    }
    if (check) onWait?.(check, performance.now() - started)
    await delay(waitMs * (0.5 + Math.random()), undefined, { signal }).catch(error => {
      throw signal ? abortError(signal) : error
    })
  }
}

/** The holder of a lock as text: `process 4711 on build-3`. */
export function describeHolder(holder: Holder | undefined): string {
  return holder ? `process ${holder.pid} on ${holder.host}` : 'another process'
}

/** Describes the holder of the lock at `lockPath`: `process 4711 on build-3`. Undefined if there is no lock. */
export async function describeLock(lockPath: string): Promise<string | undefined> {
  const check = await watchLock(lockPath, STALE_AFTER_MS).check()
  return check && `${describeHolder(check.holder)}${check.isStale ? ', which has ended' : ''}`
}

/** Time of the last log line for each holder, by `performance.now()`. A build may wait for hundreds of locks of one holder. */
const announced = new Map<string, number>()

async function announceWait(
  readActivity: LockOptions['readActivity'],
  lockPath: string,
  holder: Holder | undefined,
  logger: Logger | undefined,
): Promise<void> {
  const name = describeHolder(holder)
  const now = performance.now()
  if (now - (announced.get(name) ?? Number.NEGATIVE_INFINITY) < SILENT_AGAIN_MS) return
  announced.set(name, now)
  const activity = await readActivity()
  logger?.info(
    `nobg: waiting for ${name}, which ${activity}. If that process has ended, the wait ends after ten seconds. (${lockPath})`,
  )
}
