import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { NobgError } from '@nobg/core'
import { acquireLock, describeHolder } from '@nobg/core/internal'

/** A living holder renews its lock each second; who has not for five was killed. */
const RENEW_MS = 1000
const STALE_MS = 5000

/**
 * Takes a folder for this process alone. That of a killed process is taken over after five seconds.
 *
 * @param onLost hears that another took it, because this process stood still for too long.
 * @returns gives it back.
 * @throws {NobgError} INVALID_OPTION where a living process holds it
 */
export async function lockFolder(dir: string, onLost: (error: Error) => void): Promise<() => Promise<void>> {
  await mkdir(dir, { recursive: true })
  return acquireLock(dir, {
    lockPath: join(dir, 'lock'),
    staleMs: STALE_MS,
    renewMs: RENEW_MS,
    onLost,
    onWait({ isRenewed, holder }) {
      if (isRenewed) throw refuseFolder(dir, describeHolder(holder))
    },
  })
}

function refuseFolder(dir: string, holder: string): NobgError {
  return new NobgError(
    'INVALID_OPTION',
    `dataDir: expected a folder of its own, got ${dir}, where a server is running (${holder}).`,
    {
      hint: 'Stop that server, or give this one another dataDir.',
    },
  )
}
