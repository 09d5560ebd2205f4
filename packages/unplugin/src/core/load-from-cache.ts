import { stripPostfix } from '../references/reference.ts'
import type { PlannedCutout } from './cutouts.ts'
import { isRefused } from './left-over-words.ts'

/** In Rolldown, `null` means that Rolldown decides. */
type SideEffects = boolean | 'no-treeshake' | null

/** The result of a `load` hook for a picture's module. */
export interface LoadedModule {
  code: string
  moduleSideEffects: Exclude<SideEffects, null> | undefined
  meta: Record<string, unknown>
  moduleType: 'js'
}

/** The part of a plugin context that loads. Rollup, Rolldown and Vite share it. */
export interface ModuleLoader {
  load(options: { id: string }): Promise<{
    code: string | null
    moduleSideEffects: SideEffects
    meta: Record<string, unknown>
  }>
}

/**
 * Loads the module of a picture, whose id is a path in the photograph's folder. The other plugins load the file in the
 * cache, because a plugin may read the file at an id. Their result becomes the module with the first id, so that chunks,
 * `preserveModules` and `manualChunks` get no path in `node_modules/.cache`.
 *
 * @param id id of the module, with query and fragment.
 * @param planned the picture.
 * @param file absolute path of the finished picture.
 */
export async function loadFromCache(
  context: ModuleLoader,
  id: string,
  planned: PlannedCutout,
  file: string,
): Promise<LoadedModule> {
  const postfix = id.slice(stripPostfix(id).length)
  const { code, moduleSideEffects, meta } = await context.load({ id: file + postfix })
  // Rolldown reports the error itself, and returns no code.
  if (code === null && isRefused(planned))
    return { code: 'export default undefined', moduleSideEffects: undefined, meta: {}, moduleType: 'js' }
  if (code === null)
    throw new Error(`nobg: Expected JavaScript from the plugins that load ${file}, got none.`)
  return { code, moduleSideEffects: moduleSideEffects ?? undefined, meta, moduleType: 'js' }
}
