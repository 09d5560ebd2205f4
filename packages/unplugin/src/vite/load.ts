import { type LoadedModule, loadElsewhere, type ModuleLoader } from '../load-elsewhere.ts'
import { stripPostfix } from '../reference.ts'
import { deliverCutout } from './deliver.ts'
import type { Door } from './door.ts'

/**
 * The `load` hook: waits until the file of a planned picture is there. The file's module is left to the other plugins, and
 * the module beside the photograph is what they make of the file.
 *
 * @throws {LocatedError}
 */
export async function loadCutout(
  door: Door,
  context: ModuleLoader,
  id: string,
): Promise<LoadedModule | undefined> {
  const path = stripPostfix(id)
  const planned = door.cutouts.find(path)
  if (!planned || door.server) return
  const mention = door.mentions.get(planned.file) ?? { text: planned.source, importer: undefined }
  await deliverCutout(door, planned, mention, undefined)
  return path === planned.file ? undefined : loadElsewhere(context, id, planned.file)
}
