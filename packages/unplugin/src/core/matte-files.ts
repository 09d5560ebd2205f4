import { NobgError, type Plan } from '@nobg/core'
import { listOwnMattePaths } from '@nobg/core/internal'
import { slash } from '../references/slash.ts'

/**
 * The files that are, or would be, the matte that the user gives for a photograph. They need not exist.
 *
 * @param named absolute path of the matte that the reference names, or `false` if no such matte counts.
 */
export function findMatteFiles(source: string, named: string | false | undefined): string[] {
  if (named === false) return []
  return named ? [named] : listOwnMattePaths(source).map(slash)
}

/** Absolute path of a picture's kept matte, or the path at which its predicted matte will be kept. */
export function findKeptMatte({ matte }: Plan): string | undefined {
  const file = matte.origin === 'predicted' ? matte.keepAt : matte.origin === 'kept' && matte.source.path
  return file ? slash(file) : undefined
}

/** Absolute path of the matte that made planning fail. A host watches it: a fixed matte is a reason to try again. */
export function findWrongMatte(error: unknown): string | undefined {
  return error instanceof NobgError && error.matte ? slash(error.matte) : undefined
}
