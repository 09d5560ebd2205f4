import { NobgError } from '@nobg/core'
import { firstLineOf, suggestFile } from '@nobg/core/internal'
import type { Reference } from '../references/reference.ts'
import type { Cutouts, PlannedCutout } from './cutouts.ts'
import { explainError, type ImportSite } from './errors.ts'
import { findNamedMatte, findSource, type SourceFinder } from './find-source.ts'
import { findMatteFiles, findWrongMatte } from './matte-files.ts'

/** A path that starts with a package or an alias, or, in style sheets and pages, with a file or a folder. */
const BARE_PATH = /^(?![./\\]|[a-z]:)/i

const BARE_HINT =
  'Check the spelling. The path must be a file of an installed package, start with an alias, or be relative to the file that contains the reference.'
const RELATIVE_HINT = 'Check the spelling. The path is relative to the file that contains the reference.'

/**
 * Finds the photograph of a reference and plans its picture.
 *
 * @param onSource called with the photograph's path as soon as it is known, and whether a file exists there.
 * @param onMatte called with the path of each file that is, or would be, the photograph's matte.
 * @returns undefined if the text is no reference.
 * @throws {LocatedError}
 */
export async function planReference(
  cutouts: Cutouts,
  reference: Reference,
  finder: SourceFinder,
  site: ImportSite,
  onSource: (file: string, exists: boolean) => void = () => {},
  onMatte: (file: string, source: string) => void = () => {},
): Promise<PlannedCutout | undefined> {
  let source = reference.path
  try {
    const found = await findSource(reference, finder, site.importer)
    if (!found) return undefined
    source = found.file
    onSource(source, found.exists)
    if (!found.exists) {
      if (BARE_PATH.test(reference.path)) source = reference.path
      throw new NobgError('SOURCE_NOT_FOUND', 'Expected an image file, got nothing at this path.', {
        hint: suggestFile(found.file) ?? (BARE_PATH.test(reference.path) ? BARE_HINT : RELATIVE_HINT),
      })
    }
    const matte = await findNamedMatte(reference, finder, site.importer)
    // Known before planning, which fails if a matte is wrong.
    for (const file of findMatteFiles(source, matte)) onMatte(file, source)
    const planned = await cutouts.plan(source, reference, site, matte)
    if (planned.keptMatte) onMatte(planned.keptMatte, source)
    return planned
  } catch (error) {
    const matte = findWrongMatte(error)
    if (matte) onMatte(matte, source)
    throw explainError(error, source, site)
  }
}

/**
 * Makes a planned picture.
 *
 * @returns absolute path of the file to load; see `Cutouts.ensure`.
 * @throws {LocatedError}
 */
export async function ensureCutout(cutouts: Cutouts, planned: PlannedCutout): Promise<string> {
  return explainFailure(planned, cutouts.ensure)
}

/** Runs a function that makes a picture, and explains its error. @throws {LocatedError} */
export async function explainFailure<Result>(
  planned: PlannedCutout,
  make: (planned: PlannedCutout) => Promise<Result>,
): Promise<Result> {
  try {
    return await make(planned)
  } catch (error) {
    throw explainError(shortenRepeated(error), planned.source, planned.site)
  }
}

/** The errors of missing weights that have been explained. Pictures that wait for the same download get the same error. */
const explained = new WeakSet<object>()

function shortenRepeated(error: unknown): unknown {
  if (!(error instanceof NobgError) || error.code !== 'WEIGHTS_UNAVAILABLE') return error
  if (!explained.has(error)) {
    explained.add(error)
    return error
  }
  return new NobgError(error.code, firstLineOf(error).replace(/:$/, '.'), {
    hint: 'See the first error about these weights for the reason and a hint.',
  })
}
