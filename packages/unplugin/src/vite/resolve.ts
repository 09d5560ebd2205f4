import { NobgError } from '@nobg/core'
import type { PlannedCutout } from '../cutouts.ts'
import { explainError, type Mention } from '../explain.ts'
import { findSource, type SourceFinder } from '../find-source.ts'
import { parseReference, type Reference, stripPostfix } from '../reference.ts'
import { deliverCutout } from './deliver.ts'
import { type Door, type HookContext, noteImporter } from './door.ts'

/**
 * The `resolveId` hook: a marked import becomes the finished picture's file, with whatever query words are not ours.
 * A build only plans here; `load` waits for the picture.
 *
 * @throws {LocatedError}
 */
export async function resolveImport(
  door: Door,
  context: HookContext,
  specifier: string,
  importer: string | undefined,
): Promise<string | undefined> {
  const reference = parseReference(specifier)
  if (!reference) return undefined
  const mention = { text: specifier, importer: importer && stripPostfix(importer) }
  const finder: SourceFinder = {
    importer: mention.importer,
    publicDir: door.config.publicDir,
    resolve: async path => (await context.resolve(path, importer, { skipSelf: true }))?.id,
  }
  const planned = await planReference(door, reference, finder, mention, importer)
  if (!planned) return undefined
  context.addWatchFile(planned.source)
  if (!door.server) {
    if (!door.mentions.has(planned.file)) door.mentions.set(planned.file, mention)
    return planned.file + planned.postfix
  }
  return (await deliverCutout(door, planned, mention, importer)) + planned.postfix
}

/**
 * The `resolveId` hook while Vite scans for dependencies. The scan meets every image of the project, and at start-up
 * nothing is to be processed; but it gives up on a package's file that does not exist, which a sibling's name is.
 */
export async function scanImport(
  context: HookContext,
  specifier: string,
  importer: string | undefined,
): Promise<string | undefined> {
  const reference = parseReference(specifier)
  return reference?.sibling
    ? (await context.resolve(reference.path, importer, { skipSelf: true }))?.id
    : undefined
}

/**
 * Finds the photograph of a reference and plans its picture.
 *
 * @param importerId id of the module or page that refers to it, remembered for hot updates.
 * @returns undefined where the reference is none.
 * @throws {LocatedError}
 */
export async function planReference(
  door: Door,
  reference: Reference,
  finder: SourceFinder,
  mention: Mention,
  importerId: string | undefined,
): Promise<PlannedCutout | undefined> {
  let source = reference.path
  try {
    const found = await findSource(reference, finder)
    if (!found) return undefined
    source = found.file
    noteImporter(door, source, importerId)
    if (!found.exists) {
      throw new NobgError('SOURCE_NOT_FOUND', 'Expected an image file, got nothing at this path.', {
        hint: 'Check the spelling; the path starts at the file that holds the reference.',
      })
    }
    return await door.cutouts.plan(source, reference)
  } catch (error) {
    throw explainError(error, source, mention)
  }
}
