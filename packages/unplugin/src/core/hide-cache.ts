import { stripPostfix } from '../references/reference.ts'

type ManualChunks = (id: string, ...rest: never[]) => unknown

/**
 * Hides the files in the cache from `manualChunks`. Rollup calls it for every loaded module, and a chunk for a file in the
 * cache would be empty and have the name `.cache`.
 *
 * @param findFile returns the file of a finished picture, given that file or the picture's module path.
 * @returns the output's options; undefined if nothing changes.
 */
export function hideCache<Output extends { manualChunks?: unknown }>(
  output: Output,
  findFile: (path: string) => string | undefined,
): Output | undefined {
  const { manualChunks } = output
  if (typeof manualChunks !== 'function') return undefined
  const assign: ManualChunks = (id, ...rest) => {
    const path = stripPostfix(id)
    return findFile(path) === path ? undefined : (manualChunks as ManualChunks)(id, ...rest)
  }
  return { ...output, manualChunks: assign }
}
