import { createRequire } from 'node:module'
import { isAbsolute, join } from 'node:path'

/** The part of a plugin context that answers: Rollup's, Rolldown's and Vite's have it in common. */
interface Resolver {
  resolve(
    source: string,
    importer?: string,
    options?: { skipSelf?: boolean },
  ): Promise<{ id: string; external?: unknown } | null>
}

/**
 * Asks Rollup and its kin where a photograph is. A package that `external` leaves out of the bundle has no path there: its
 * photograph is found as Node finds files, because a finished picture is always part of the bundle.
 *
 * @returns the id that the host gives; undefined if the host finds nothing.
 */
export async function resolveInHost(
  context: Resolver,
  path: string,
  importer: string | undefined,
): Promise<string | undefined> {
  const answer = await context.resolve(path, importer, { skipSelf: true })
  const isLeftOut = answer?.external && !isAbsolute(answer.id)
  return isLeftOut && importer ? resolveAsNode(path, join(importer, '..')) : answer?.id
}

/** Resolves a path as Node does. @returns undefined if there is no such file. */
export function resolveAsNode(path: string, folder: string): string | undefined {
  try {
    return createRequire(join(folder, 'importer.js')).resolve(path)
  } catch {
    return undefined
  }
}
