import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { abortError, throwIfAborted } from './errors.ts'
import { makeFolder } from './folder.ts'

/** A lock whose holder has not renewed it for so long belongs to a process that was killed. */
const STALE_AFTER_MS = 10_000

const FIRST_WAIT_MS = 25
const LONGEST_WAIT_MS = 500

interface LockOptions {
  signal?: AbortSignal
  /** Hears why there is no lock. */
  onError: (error: unknown) => void
  /** Called now and then while another holds the lock. */
  onWait?: () => void
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
  { signal, onError, onWait }: LockOptions,
): Promise<T> {
  const release = await acquireLock(path, signal, onWait).catch(error => {
    throwIfAborted(signal)
    onError(error)
  })
  try {
    return await work()
  } finally {
    await release?.().catch(() => {})
  }
}

async function acquireLock(
  path: string,
  signal: AbortSignal | undefined,
  onWait?: () => void,
): Promise<() => Promise<void>> {
  // Loaded only where something must be created: a warm cache never locks.
  const { lock } = await import('proper-lockfile')
  await makeFolder(dirname(path))
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 1.5, LONGEST_WAIT_MS)) {
    throwIfAborted(signal)
    try {
      return await lock(path, { realpath: false, stale: STALE_AFTER_MS, onCompromised: () => {} })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error
    }
    onWait?.()
    await delay(waitMs * (0.5 + Math.random()), undefined, { signal }).catch(error => {
      throw signal ? abortError(signal) : error
    })
  }
}
