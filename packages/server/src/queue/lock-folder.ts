import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { NobgError } from '@nobg/core'
import { acquireLock, describeHolder } from '@nobg/core/internal'

/** A process renews its lock each second. After five seconds without renewal it counts as killed. */
const RENEW_MS = 1000
const STALE_MS = 5000

/**
 * Locks a folder for this process. The lock of a killed process is taken over after five seconds.
 *
 * @param onLost is called if another process took the lock over, because this process was stopped for too long.
 * @returns a function that releases the lock
 * @throws {NobgError} INVALID_OPTION if a running process holds it
 */
export async function lockFolder(dir: string, onLost: (error: Error) => void): Promise<() => Promise<void>> {
  await mkdir(dir, { recursive: true })
  let isLost = false
  const release = await acquireLock(dir, {
    lockPath: join(dir, 'lock'),
    staleMs: STALE_MS,
    renewMs: RENEW_MS,
    onLost(error) {
      isLost = true
      onLost(error)
    },
    onWait({ isRenewed, holder }) {
      if (isRenewed) throw refuseFolder(dir, describeHolder(holder))
    },
  })
  // The lock is that of the other process.
  return async () => void (isLost || (await release()))
}

function refuseFolder(dir: string, holder: string): NobgError {
  return new NobgError(
    'INVALID_OPTION',
    `dataDir: expected a folder that no other server uses, got ${dir}, which is in use (${holder}).`,
    {
      hint: 'Stop that server, or give this one another dataDir.',
    },
  )
}
