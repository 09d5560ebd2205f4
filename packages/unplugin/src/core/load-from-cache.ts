import { stripPostfix } from '../references/reference.ts'

/** `null` is Rolldown's word for a module that it decides on itself. */
type SideEffects = boolean | 'no-treeshake' | null

/** What a `load` hook returns for a picture's module. */
export interface LoadedModule {
  code: string
  moduleSideEffects: Exclude<SideEffects, null> | undefined
  meta: Record<string, unknown>
  moduleType: 'js'
}

/** The part of a plugin context that loads: Rollup's, Rolldown's and Vite's have it in common. */
export interface ModuleLoader {
  load(options: { id: string }): Promise<{
    code: string | null
    moduleSideEffects: SideEffects
    meta: Record<string, unknown>
  }>
}

/**
 * Loads the module of a picture, whose id is a path beside the photograph. All plugins are asked for the file in the
 * cache, because they read the file to which an id leads. What they answer becomes the module beside the photograph: chunks,
 * `preserveModules` and `manualChunks` see no path in `node_modules/.cache`.
 *
 * @param id id of the module, with what follows its path.
 * @param file absolute path of the finished picture.
 */
export async function loadFromCache(context: ModuleLoader, id: string, file: string): Promise<LoadedModule> {
  const postfix = id.slice(stripPostfix(id).length)
  const { code, moduleSideEffects, meta } = await context.load({ id: file + postfix })
  if (code === null)
    throw new Error(`nobg: Expected JavaScript from the plugins that load ${file}, got none.`)
  return { code, moduleSideEffects: moduleSideEffects ?? undefined, meta, moduleType: 'js' }
}
