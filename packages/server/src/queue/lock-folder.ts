import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { NobgError } from '@nobg/core'
import { lock } from 'proper-lockfile'

/** A living holder renews its lock each second; who has not for five was killed. */
const renewMs = 1000
const staleMs = 5000
const lookAgainMs = 100

/**
 * Takes a folder for this process alone. That of a killed process is taken over after five seconds.
 *
 * @param onLost hears that another took it, because this process stood still for too long.
 * @returns gives it back.
 * @throws {NobgError} INVALID_OPTION where a living process holds it
 */
export async function lockFolder(dir: string, onLost: (error: Error) => void): Promise<() => Promise<void>> {
  await mkdir(dir, { recursive: true })
  const path = join(dir, 'lock')
  const settings = { lockfilePath: path, stale: staleMs, update: renewMs, onCompromised: onLost }
  let seen: number | undefined
  for (;;) {
    try {
      return await lock(dir, settings)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error
    }
    const renewedAt = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => seen,
    )
    if (seen !== undefined && renewedAt !== seen) throw refuseFolder(dir)
    seen = renewedAt
    await delay(lookAgainMs)
  }
}

function refuseFolder(dir: string): NobgError {
  return new NobgError(
    'INVALID_OPTION',
    `dataDir: expected a folder of its own, got ${dir}, where a server is running.`,
    {
      hint: 'Stop that server, or give this one another dataDir.',
    },
  )
}
