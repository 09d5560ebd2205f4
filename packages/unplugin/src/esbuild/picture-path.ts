import { basename, dirname } from 'node:path'
import type { BuildOptions } from 'esbuild'
import type { Cutouts, PlannedCutout } from '../core/cutouts.ts'
import { hasHash } from '../core/name-pattern.ts'

/** esbuild's default of `assetNames`. */
const DEFAULT_NAMES = '[name]-[hash]'

/**
 * The path of a picture's module, from which esbuild takes the emitted file's name.
 *
 * If words for other plugins are left, those plugins read the file at the path. Otherwise the path is beside the photograph,
 * for `[dir]` and the metafile, and no file exists there. esbuild needs a different path for each module, and removes
 * `<variant>/..` before it fills in the names.
 */
export async function pathOfPicture(
  cutouts: Cutouts,
  planned: PlannedCutout,
  { assetNames = DEFAULT_NAMES }: BuildOptions,
): Promise<string> {
  const { source, file, modulePath, variant, postfix, plan } = planned
  if (!plan) return file
  const isHashed = hasHash(assetNames)
  if (postfix) return isHashed ? file : cutouts.placeUnique(planned)
  return isHashed ? [dirname(source), variant, '..', basename(file)].join('/') : modulePath
}
