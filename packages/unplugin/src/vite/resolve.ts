import type { PlannedCutout } from '../core/cutouts.ts'
import type { ImportSite } from '../core/errors.ts'
import type { SourceFinder } from '../core/find-source.ts'
import { planReference } from '../core/plan-reference.ts'
import { resolveInHost } from '../core/resolve-in-host.ts'
import { parseReference, type Reference } from '../references/reference.ts'
import { deliverCutout, provideCutout } from './deliver.ts'
import { recordMatte } from './mattes.ts'
import { findImporter, isInlineModule } from './page.ts'
import { type HookContext, type PluginState, recordImporter, watchOutside } from './state.ts'

/** Astro first resolves an image of a content collection with this word, and then without it, from the entry's file. */
const ASTRO_CONTENT_IMAGE = /[?&]astroContentImageFlag\b/

/** SvelteKit's enhanced-img reads the resolved file and loads no module. */
const READ_AT_ONCE = /[?&]enhanced\b/

/**
 * The `resolveId` hook: a marked import becomes the picture's module path, with the query words that are not nobg's. In a
 * build the picture is only planned here, and `load` waits for it. The development server gets the picture's file, because
 * it serves files.
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
  const site: ImportSite = { text: unwrapSpecifier(specifier), importer: file, importerId: importer }
  // The id of an inline module is not the path of a file.
  const from = importer && isInlineModule(importer) ? file : importer
  const finder: SourceFinder = {
    publicDir: state.config.publicDir,
    resolve: path => resolveInHost(context, path, from),
  }
  const watch = (file: string) => (state.server ? context.addWatchFile(file) : state.watch(file))
  const planned = await planSite(state, reference, finder, site, watch)
  if (!planned) return undefined
  if (!state.server && !READ_AT_ONCE.test(planned.postfix)) {
    return planned.modulePath + planned.postfix
  }
  const provide = READ_AT_ONCE.test(planned.postfix) || hasReader(state) ? deliverCutout : provideCutout
  return (await provide(state, planned)) + planned.postfix
}

/**
 * Whether a plugin may read an imported picture without words after it: astro:assets reads its size, and imagetools may have
 * default directives. The imagetools of SvelteKit's enhanced-img has none.
 */
function hasReader({ config }: PluginState): boolean {
  const has = (part: string) => config.plugins.some(({ name }) => name.startsWith(part))
  return has('astro:assets:esm') || (has('imagetools') && !has('vite-plugin-enhanced-img'))
}

/** A reference as written in its file: Astro's Markdown adds ./ before the path, and enhanced-img adds words to the query. */
function unwrapSpecifier(specifier: string): string {
  return dropEnhanced(specifier.replace(/^(?:\.\/)+(?=\.\/)/, ''))
}

function dropEnhanced(specifier: string): string {
  const words = specifier.split(/(?=[?&])/)
  if (!/^[?&]enhanced$/.test(words.pop() ?? '')) return specifier
  while (/^[?&]img(?:Sizes|Width)=/.test(words.at(-1) ?? '')) words.pop()
  return words.join('')
}

/**
 * The `resolveId` hook while Vite scans for dependencies. The scan resolves every image of the project, and must process
 * none. A sibling spelling is resolved to its photograph, because the scan fails at a missing file of a package.
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
 * Plans the picture of a reference, and records the importer for hot updates.
 *
 * @param watch watches the photograph and its mattes, which may not exist.
 * @returns undefined if the text is no reference.
 * @throws {LocatedError}
 */
export async function planSite(
  state: PluginState,
  reference: Reference,
  finder: SourceFinder,
  site: ImportSite,
  watch: (file: string) => void = () => {},
): Promise<PlannedCutout | undefined> {
  const watchFile = (file: string) => {
    watchOutside(state, file)
    watch(file)
  }
  const onSource = (source: string) => {
    recordImporter(state, source, site.importerId)
    watchFile(source)
  }
  const onMatte = (matte: string, source: string) => {
    recordMatte(state, matte, source)
    watchFile(matte)
  }
  try {
    return await planReference(state.cutouts, reference, finder, site, onSource, onMatte)
  } catch (error) {
    throw findReason(error)
  }
}

/** The innermost error of nobg has the reason. Resolving may call nobg again, as Astro's plugin for Markdown does. */
function findReason(error: unknown): unknown {
  const explained: unknown[] = []
  for (let link = error; link instanceof Error; link = link.cause) {
    if (link.message.startsWith('nobg: ')) explained.push(link)
  }
  return explained.at(-1) ?? error
}
