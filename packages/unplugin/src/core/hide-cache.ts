import { stripPostfix } from '../references/reference.ts'

type ManualChunks = (id: string, ...rest: never[]) => unknown

/**
 * Keeps `manualChunks` from files in the cache. Rollup asks it for every module that was loaded, and a chunk of a file in
 * the cache would be empty and called `.cache`.
 *
 * @param findFile the file of a finished picture, by its path or by the path beside the photograph.
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
