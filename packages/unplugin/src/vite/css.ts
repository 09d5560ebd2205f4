import type { Alias } from 'vite'
import type { LocatedError, Mention } from '../explain.ts'
import type { SourceFinder } from '../find-source.ts'
import { MARKED_TEXT, parseReference } from '../reference.ts'
import { deliverCutout } from './deliver.ts'
import type { Door, HookContext } from './door.ts'
import { findImporter } from './page.ts'
import { planMentioned } from './resolve.ts'

const CSS_ID = /\.(?:css|less|sass|scss|styl|stylus|pcss|postcss|sss)(?:$|\?)|[?&]lang\.css/

/** Written by a preprocessor's variable: the preprocessor's output holds the real reference. */
const INTERPOLATION = /[#@$]\{/

/** Whether a module is a style sheet, style blocks of pages and components included. */
export function isStyleSheet(id: string): boolean {
  return CSS_ID.test(id)
}

/**
 * Lets nobg resolve the marked URLs of style sheets. Vite asks no plugin for the file of a `url()`, but an alias with a
 * resolver of its own. Vite asks after the preprocessor and after PostCSS, so that their output is seen too, and asks for
 * the URLs of `@import`ed and `@use`d files with those files as importers.
 *
 * Vite reads the list of aliases when the first URL is resolved. Its main pipeline has read the list before `buildStart`,
 * and does not see this entry.
 */
export function resolveMarkedUrls(door: Door): void {
  function customResolver(this: HookContext, specifier: string, importer: string | undefined) {
    return resolveUrl(door, this, specifier, importer)
  }
  const entry = {
    find: MARKED_TEXT,
    // The specifier as it is.
    replacement: '$&',
    // Vite waits for the answer, although its type does not say so.
    customResolver: customResolver as unknown as Alias['customResolver'],
  }
  const { resolve, environments = {} } = door.config
  const configs = [resolve, ...Object.values(environments).map(environment => environment.resolve)]
  const lists = new Set(configs.map(config => (config as unknown as { alias: Alias[] }).alias))
  for (const list of lists) if (!list.some(({ find }) => find === MARKED_TEXT)) list.unshift(entry)
}

/** @throws {LocatedError} */
async function resolveUrl(
  door: Door,
  context: HookContext,
  specifier: string,
  importerId: string | undefined,
): Promise<string | undefined> {
  const reference = INTERPOLATION.test(specifier) ? undefined : parseReference(specifier)
  const importer = importerId && findImporter(door.config.root, importerId)
  const finder: SourceFinder = {
    importer,
    publicDir: door.config.publicDir,
    resolve: path => resolveFile(door, context, path, importer),
  }
  if (!reference) return finder.resolve(specifier)
  const mention: Mention = { text: specifier, importer }
  try {
    const planned = await planMentioned(door, reference, finder, mention, importerId)
    if (!planned) return await finder.resolve(specifier)
    door.watch(planned.source)
    return (await deliverCutout(door, planned, mention, importerId)) + planned.postfix
  } catch (error) {
    throw placeError(error as LocatedError)
  }
}

/** The way past our own alias: the project's other aliases, then Vite's own resolution. */
async function resolveFile(
  { config }: Door,
  context: HookContext,
  path: string,
  importer: string | undefined,
): Promise<string | undefined> {
  if (!MARKED_TEXT.test(path)) return (await context.resolve(path, importer, { skipSelf: false }))?.id
  const alias = config.resolve.alias.find(({ find }) => find !== MARKED_TEXT && matches(find, path))
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
