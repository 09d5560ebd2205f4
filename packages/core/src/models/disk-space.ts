import { statfs } from 'node:fs/promises'
import { NobgError } from '../shared/errors.ts'

/**
 * Checks that a disk has room. Passes if the system does not report free space.
 *
 * @param dir an existing folder
 * @throws {NobgError} WEIGHTS_UNAVAILABLE
 */
export async function expectSpace(dir: string, neededBytes: number, purpose: string): Promise<void> {
  const disk = await statfs(dir).catch(() => undefined)
  const freeBytes = disk ? disk.bavail * disk.bsize : Number.POSITIVE_INFINITY
  if (neededBytes <= freeBytes) return
  const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`
  throw new NobgError(
    'WEIGHTS_UNAVAILABLE',
    `Expected ${megabytes(neededBytes)} of free disk in ${dir} ${purpose}, got ${megabytes(freeBytes)}.`,
    { hint: 'Free disk space, or choose another folder: `modelsDir` in the config, or NOBG_MODELS_DIR.' },
  )
}
