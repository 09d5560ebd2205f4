import { createRequire } from 'node:module'
import { isAbsolute, join } from 'node:path'

/** The part of a plugin context that resolves. Rollup, Rolldown and Vite share it. */
export interface Resolver {
  resolve(
    source: string,
    importer?: string,
    options?: { skipSelf?: boolean },
  ): Promise<{ id: string; external?: unknown } | null>
}

/**
 * Resolves a photograph with Rollup, Rolldown or Vite. The host gives no path for a package that `external` excludes. Its
 * photograph is resolved as Node does, because a finished picture is always part of the bundle.
 *
 * @returns the id from the host; undefined if the host finds nothing.
 */
export async function resolveInHost(
  context: Resolver,
  path: string,
  importer: string | undefined,
): Promise<string | undefined> {
  const resolved = await context.resolve(path, importer, { skipSelf: true })
  const isExternal = resolved?.external && !isAbsolute(resolved.id)
  return isExternal && importer ? resolveAsNode(path, join(importer, '..')) : resolved?.id
}

/** Resolves a path as Node does. @returns undefined if there is no such file. */
export function resolveAsNode(path: string, folder: string): string | undefined {
  try {
    return createRequire(join(folder, 'importer.js')).resolve(path)
  } catch {
    return undefined
  }
}
