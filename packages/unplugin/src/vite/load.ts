import { type LoadedModule, loadFromCache, type ModuleLoader } from '../core/load-from-cache.ts'
import { stripPostfix } from '../references/reference.ts'
import { deliverCutout } from './deliver.ts'
import type { PluginState } from './state.ts'

/**
 * The `load` hook: waits until the file of a planned picture exists. The other plugins load the file, and the result becomes
 * the module at the picture's module path.
 *
 * @throws {LocatedError}
 */
export async function loadCutout(
  state: PluginState,
  context: ModuleLoader,
  id: string,
): Promise<LoadedModule | undefined> {
  const path = stripPostfix(id)
  const planned = state.cutouts.find(id) ?? state.cutouts.find(path)
  if (!planned || state.server) return
  const file = await deliverCutout(state, planned)
  if (planned.keptMatte) state.watch(planned.keptMatte)
  return path === planned.file ? undefined : loadFromCache(context, id, planned, file)
}
