import type { Alias, ResolvedConfig } from 'vite'
import type { ImportSite, LocatedError } from '../core/errors.ts'
import type { SourceFinder } from '../core/find-source.ts'
import { MARKED_TEXT, parseReference, parseUrlReference } from '../references/reference.ts'
import { deliverCutout } from './deliver.ts'
import { findImporter } from './page.ts'
import { planSite } from './resolve.ts'
import type { HookContext, PluginState } from './state.ts'

const CSS_ID = /\.(?:css|less|sass|scss|styl|stylus|pcss|postcss|sss)(?:$|\?)|[?&]lang\.css/

/** Written by a preprocessor's variable: the preprocessor's output holds the real reference. */
const INTERPOLATION = /[#@$]\{/

/** Whether a module is a style sheet, style blocks of pages and components included. */
export function isStyleSheet(id: string): boolean {
  return CSS_ID.test(id)
}

/** The part of a config, or of an environment's config, that holds aliases. */
type AliasedConfig = Pick<ResolvedConfig, 'resolve'> & Partial<Pick<ResolvedConfig, 'environments'>>

/** The lists of aliases that hold our entry; the bundles of workers share their page's list. */
const extended = new WeakSet<Alias[]>()

/**
 * Lets nobg resolve the marked URLs of style sheets. Vite asks no plugin for the file of a `url()`, but an alias with a
 * resolver of its own. Vite asks after the preprocessor and after PostCSS, so that their output is seen too, and asks for
 * the URLs of `@import`ed and `@use`d files with those files as importers.
 *
 * Vite reads the list of aliases when the first URL is resolved. Its main pipeline has read the list before `buildStart`,
 * and does not see this entry.
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

/** A pattern that matches nothing until it is used to resolve. */
class MarkedPattern extends RegExp {
  resolves = false

  override test(text: string): boolean {
    return this.resolves && super.test(text)
  }
}

/**
 * Vite 5 and 6 rebase no URL of a Sass or Less partial that any alias matches. They read only `find` for that, while
 * Vite's resolver reads `find` and then `customResolver`: only the pattern of a resolver may match.
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
    // The specifier as it is.
    replacement: '$&',
    get customResolver() {
      pattern.resolves = true
      // Vite waits for the answer, although its type does not say so.
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
    importer,
    publicDir: state.config.publicDir,
    resolve: path => resolveFile(state, context, path, importer),
  }
  const literal = INTERPOLATION.test(specifier) ? undefined : parseReference(specifier)
  // Vite decodes some percent signs and leaves others.
  const isDecoded = literal && (await finder.resolve(literal.path)) !== undefined
  const reference = isDecoded ? literal : literal && parseUrlReference(specifier)
  if (!reference) return finder.resolve(specifier)
  const site: ImportSite = { text: specifier, importer }
  try {
    const planned = await planSite(state, reference, finder, site, importerId)
    if (!planned) return await finder.resolve(specifier)
    state.watch(planned.source)
    return (await deliverCutout(state, planned, site, importerId)) + planned.postfix
  } catch (error) {
    throw placeError(error as LocatedError)
  }
}

/** The way past our own alias: the project's other aliases, then Vite's own resolution. */
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

/** The place as PostCSS writes it, since Vite replaces `loc` by it. */
function placeError(error: LocatedError): LocatedError {
  const { loc } = error
  return loc ? Object.assign(error, { file: loc.file, line: loc.line, column: loc.column + 1 }) : error
}
