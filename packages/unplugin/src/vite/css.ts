import type { Alias, ResolvedConfig } from 'vite'
import type { ImportSite, LocatedError } from '../core/errors.ts'
import type { SourceFinder } from '../core/find-source.ts'
import { MARKED_TEXT, parseReference, parseUrlReference } from '../references/reference.ts'
import { provideCutout } from './deliver.ts'
import { reportLeftOver } from './left-over.ts'
import { findImporter } from './page.ts'
import { planSite } from './resolve.ts'
import type { HookContext, PluginState } from './state.ts'

const CSS_ID = /\.(?:css|less|sass|scss|styl|stylus|pcss|postcss|sss)(?:$|\?)|[?&]lang\.css/

/** A preprocessor fills in the value: its output has the real reference. */
const INTERPOLATION = /[#@$]\{/

/** Whether a module is a style sheet, including the style blocks of pages and components. */
export function isStyleSheet(id: string): boolean {
  return CSS_ID.test(id)
}

/** The part of a config, or of an environment's config, that holds aliases. */
type AliasedConfig = Pick<ResolvedConfig, 'resolve'> & Partial<Pick<ResolvedConfig, 'environments'>>

/** The lists of aliases that contain nobg's entry. The bundles of workers share the list of their page. */
const extended = new WeakSet<Alias[]>()

/**
 * Lets nobg resolve the marked URLs of style sheets. For the file of a `url()` Vite calls no plugin, but it calls the custom
 * resolver of an alias. Vite does so after the preprocessor and PostCSS, so that nobg processes their output too. The
 * importer of a URL in an `@import`ed or `@use`d file is that file.
 *
 * Vite reads the list of aliases when it resolves the first URL. Vite's main pipeline reads the list before `buildStart`, so
 * that this entry does not affect the pipeline.
 *
 * @param built the config of the environment that starts. A build of several environments may resolve a config for each.
 */
export function resolveMarkedUrls(state: PluginState, built: AliasedConfig = state.config): void {
  for (const list of new Set([...listAliases(state.config), ...listAliases(built)])) {
    if (extended.has(list)) continue
    extended.add(list)
    list.unshift(createAlias(state))
  }
}

function listAliases({ resolve, environments = {} }: AliasedConfig): Alias[][] {
  const configs = [resolve, ...Object.values(environments).map(environment => environment.resolve)]
  return configs.map(config => (config as unknown as { alias: Alias[] }).alias)
}

/** A pattern that matches only while Vite resolves. */
class MarkedPattern extends RegExp {
  resolves = false

  override test(text: string): boolean {
    return this.resolves && super.test(text)
  }
}

/**
 * Vite 5 and 6 do not rebase a URL of a Sass or Less partial that an alias matches. For that check they read only `find`.
 * Vite's resolver reads `find` and then `customResolver`: only then may the pattern match.
 */
function createAlias(state: PluginState): Alias {
  let pattern = new MarkedPattern(MARKED_TEXT)
  function customResolver(this: HookContext, specifier: string, importer: string | undefined) {
    return resolveUrl(state, this, specifier, importer)
  }
  return {
    get find() {
      pattern = new MarkedPattern(MARKED_TEXT)
      return pattern
    },
    // The specifier, unchanged.
    replacement: '$&',
    get customResolver() {
      pattern.resolves = true
      // Vite awaits the result, although the type does not allow a promise.
      return customResolver as unknown as Alias['customResolver']
    },
  }
}

/** @throws {LocatedError} */
async function resolveUrl(
  state: PluginState,
  context: HookContext,
  specifier: string,
  importerId: string | undefined,
): Promise<string | undefined> {
  const importer = importerId && findImporter(state.config.root, importerId)
  const finder: SourceFinder = {
    publicDir: state.config.publicDir,
    resolve: path => resolveFile(state, context, path, importer),
  }
  const literal = INTERPOLATION.test(specifier) ? undefined : parseReference(specifier)
  // Vite decodes only some percent signs.
  const isDecoded = literal && (await finder.resolve(literal.path)) !== undefined
  const reference = isDecoded ? literal : literal && parseUrlReference(specifier)
  if (!reference) return finder.resolve(specifier)
  const site: ImportSite = { text: specifier, importer, importerId }
  try {
    const watch = (file: string) => state.watch(file)
    const planned = await planSite(state, { ...reference, isFinal: true }, finder, site, watch)
    if (!planned) return await finder.resolve(specifier)
    // Vite calls no plugin for the file of a `url()`.
    reportLeftOver(state, planned)
    const file = await provideCutout(state, planned)
    if (planned.keptMatte) state.watch(planned.keptMatte)
    return file + planned.postfix
  } catch (error) {
    throw addPostcssLocation(error as LocatedError)
  }
}

/** Resolves a path without nobg's alias: with the project's aliases, then with Vite. */
async function resolveFile(
  { config }: PluginState,
  context: HookContext,
  path: string,
  importer: string | undefined,
): Promise<string | undefined> {
  if (!MARKED_TEXT.test(path)) return (await context.resolve(path, importer, { skipSelf: false }))?.id
  const alias = config.resolve.alias.find(({ find }) => matches(find, path))
  const aliased = alias ? path.replace(alias.find, alias.replacement) : path
  return (await context.resolve(aliased, importer, { skipSelf: true }))?.id
}

function matches(find: string | RegExp, path: string): boolean {
  return typeof find === 'string' ? path === find || path.startsWith(`${find}/`) : find.test(path)
}

/** Adds the location in the form of PostCSS, because Vite replaces `loc` by it. */
function addPostcssLocation(error: LocatedError): LocatedError {
  const { loc } = error
  return loc ? Object.assign(error, { file: loc.file, line: loc.line, column: loc.column + 1 }) : error
}
