import type { PlannedCutout } from '../core/cutouts.ts'
import type { ImportSite } from '../core/errors.ts'
import type { SourceFinder } from '../core/find-source.ts'
import { planReference } from '../core/plan-reference.ts'
import { resolveInHost } from '../core/resolve-in-host.ts'
import { parseReference, type Reference } from '../references/reference.ts'
import { deliverCutout } from './deliver.ts'
import { findImporter, isInlineModule } from './page.ts'
import { type HookContext, type PluginState, recordImporter, watchOutside } from './state.ts'

/** Astro asks for an image of a content collection with this word first, and then again without it, from the entry's file. */
const ASTRO_CONTENT_IMAGE = /[?&]astroContentImageFlag\b/

/** SvelteKit's enhanced-img reads the file that it has resolved, without loading it as a module. */
const READ_AT_ONCE = /[?&]enhanced\b/

/**
 * The `resolveId` hook: a marked import becomes a path beside the photograph, with whatever query words are not ours. A
 * build only plans here; `load` waits for the picture. The development server gets the picture's file, because it serves
 * files and not modules.
 *
 * @throws {LocatedError}
 */
export async function resolveImport(
  state: PluginState,
  context: HookContext,
  specifier: string,
  importer: string | undefined,
): Promise<string | undefined> {
  const reference = parseReference(specifier)
  if (!reference || ASTRO_CONTENT_IMAGE.test(specifier)) return undefined
  const file = importer && findImporter(state.config.root, importer)
  const site = { text: unwrapSpecifier(specifier), importer: file }
  // The id of an inline module is no path of a file.
  const from = importer && isInlineModule(importer) ? file : importer
  const finder: SourceFinder = {
    importer: file,
    publicDir: state.config.publicDir,
    resolve: path => resolveInHost(context, path, from),
  }
  const planned = await planSite(state, reference, finder, site, importer)
  if (!planned) return undefined
  context.addWatchFile(planned.source)
  if (!state.server && !READ_AT_ONCE.test(planned.postfix)) {
    if (!state.sites.has(planned.file)) state.sites.set(planned.file, site)
    return planned.modulePath + planned.postfix
  }
  return (await deliverCutout(state, planned, site, importer)) + planned.postfix
}

/** A reference as its file has it: Astro's Markdown puts another ./ before the path, enhanced-img words behind the query. */
function unwrapSpecifier(specifier: string): string {
  return specifier
    .replace(/^(?:\.\/)+(?=\.\/)/, '')
    .replace(/[?&](?:img(?:Sizes|Width)=[^&]*&)*enhanced$/, '')
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
  return reference?.sibling ? resolveInHost(context, reference.path, importer) : undefined
}

/**
 * Plans the picture of a reference and remembers who refers to the photograph.
 *
 * @param importerId id of the module or page that refers to it, remembered for hot updates.
 * @returns undefined where the reference is none.
 * @throws {LocatedError}
 */
export async function planSite(
  state: PluginState,
  reference: Reference,
  finder: SourceFinder,
  site: ImportSite,
  importerId: string | undefined,
): Promise<PlannedCutout | undefined> {
  const onSource = (source: string) => {
    recordImporter(state, source, importerId)
    watchOutside(state, source)
  }
  try {
    return await planReference(state.cutouts, reference, finder, site, onSource)
  } catch (error) {
    throw findReason(error)
  }
}

/** A plugin that we ask may ask us in turn, as Astro's for Markdown does: the innermost explanation has the reason. */
function findReason(error: unknown): unknown {
  const explained: unknown[] = []
  for (let link = error; link instanceof Error; link = link.cause) {
    if (link.message.startsWith('nobg: ')) explained.push(link)
  }
  return explained.at(-1) ?? error
}
