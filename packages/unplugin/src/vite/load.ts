import { stripPostfix } from '../reference.ts'
import { deliverCutout } from './deliver.ts'
import type { Door } from './door.ts'

/**
 * The `load` hook: waits until the file of a planned picture is there, and leaves loading it to whoever is next.
 *
 * @throws {LocatedError}
 */
export async function loadCutout(door: Door, id: string): Promise<undefined> {
  const planned = door.cutouts.find(stripPostfix(id))
  if (!planned || door.server) return
  const mention = door.mentions.get(planned.file) ?? { text: planned.source, importer: undefined }
  await deliverCutout(door, planned, mention, undefined)
}
