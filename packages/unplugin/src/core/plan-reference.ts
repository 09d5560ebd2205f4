import { NobgError } from '@nobg/core'
import type { Reference } from '../references/reference.ts'
import type { Cutouts, PlannedCutout } from './cutouts.ts'
import { explainError, type ImportSite } from './errors.ts'
import { findSource, type SourceFinder } from './find-source.ts'

/** A path that begins with the name of a package, of an alias, or, in style sheets and pages, of a file or a folder. */
const BARE_PATH = /^(?![./\\]|[a-z]:)/i

const BARE_HINT =
  'Check the spelling: this is no file of an installed package, no alias, and no path from the file that holds the reference.'
const RELATIVE_HINT = 'Check the spelling; the path starts at the file that holds the reference.'

/**
 * Finds the photograph of a reference and plans its picture.
 *
 * @param onSource told the photograph's path as soon as it is known, and whether anything is there yet.
 * @returns undefined where the reference is none.
 * @throws {LocatedError}
 */
export async function planReference(
  cutouts: Cutouts,
  reference: Reference,
  finder: SourceFinder,
  site: ImportSite,
  onSource: (file: string, exists: boolean) => void = () => {},
): Promise<PlannedCutout | undefined> {
  let source = reference.path
  try {
    const found = await findSource(reference, finder)
    if (!found) return undefined
    source = found.file
    onSource(source, found.exists)
    if (!found.exists) {
      if (BARE_PATH.test(reference.path)) source = reference.path
      throw new NobgError('SOURCE_NOT_FOUND', 'Expected an image file, got nothing at this path.', {
        hint: BARE_PATH.test(reference.path) ? BARE_HINT : RELATIVE_HINT,
      })
    }
    return await cutouts.plan(source, reference)
  } catch (error) {
    throw explainError(error, source, site)
  }
}

/**
 * Makes a planned picture.
 *
 * @throws {LocatedError}
 */
export async function ensureCutout(
  cutouts: Cutouts,
  planned: PlannedCutout,
  site: ImportSite,
): Promise<void> {
  try {
    await cutouts.ensure(planned)
  } catch (error) {
    throw explainError(error, planned.source, site)
  }
}
