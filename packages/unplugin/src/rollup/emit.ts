import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { PluginContext } from 'rollup'
import type { PlannedCutout } from '../core/cutouts.ts'

/** Emits a finished picture as an asset. @returns a module whose default export is the absolute URL of the asset. */
export async function emitPicture(
  context: PluginContext,
  { file, modulePath }: PlannedCutout,
): Promise<{ code: string; moduleSideEffects: false }> {
  const asset = context.emitFile({
    type: 'asset',
    name: basename(file),
    // Differs between the pictures of one photograph.
    originalFileName: modulePath,
    source: await readFile(file),
  })
  return { code: `export default import.meta.ROLLUP_FILE_URL_${asset}`, moduleSideEffects: false }
}
