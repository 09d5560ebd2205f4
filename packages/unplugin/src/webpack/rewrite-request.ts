import { existsSync } from 'node:fs'
import { basename, dirname, extname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { joinWords } from '@nobg/core/internal'
import type { Compilation, Compiler } from 'webpack'
import type { Cutouts, PlannedCutout } from '../core/cutouts.ts'
import type { SourceFinder } from '../core/find-source.ts'
import { explainFailure, planReference } from '../core/plan-reference.ts'
import { MARKED_TEXT, parseReference, type Reference, stripPostfix } from '../references/reference.ts'
import { slash } from '../references/slash.ts'
import type { LoaderQuery } from './asset-loader.ts'
import type { IsWithoutRule } from './default-rule.ts'
import type { MakeShown } from './make-shown.ts'
import { areNamesHashed } from './name-patterns.ts'

type NormalModuleFactory = Parameters<Compiler['hooks']['normalModuleFactory']['call']>[0]

/** The data of a request in webpack and Rspack before it is resolved. */
type ResolveData = Parameters<NormalModuleFactory['hooks']['beforeResolve']['promise']>[0]

/** The parts of a compiler and of nobg that rewriting a request needs. */
export interface RewriteContext {
  compiler: Compiler
  compilation: Compilation
  normalModuleFactory: NormalModuleFactory
  cutouts: Cutouts
  makeShown: MakeShown
  /** The paths of the pictures, as the rules of the compiler get them. */
  pictures: Set<string>
  /** The files with failed imports. */
  failed: Set<string>
  /** Whether no rule of the user covers a photograph and its picture. */
  isWithoutRule: IsWithoutRule
}

const ASSET_LOADER = fileURLToPath(new URL(`./asset-loader${extname(import.meta.url)}`, import.meta.url))

/**
 * The `beforeResolve` hook: makes the picture of a marked request and requests its file instead. Inline loaders, and the
 * query words that are not nobg's, stay.
 *
 * @throws {LocatedError}
 */
export async function rewriteRequest(context: RewriteContext, data: ResolveData): Promise<undefined> {
  if (!MARKED_TEXT.test(data.request)) return
  const [, prefix, specifier] = /^(.*!)?([^!]*)$/s.exec(data.request) ?? []
  const reference = parseReference(specifier)
  if (!reference) return
  try {
    const planned = await makePicture(context, data, specifier, reference)
    if (!planned) return
    // Otherwise webpack's unsafe cache, which includes node_modules, would return the previous picture.
    data.cacheable = false
    data.request = await writeRequest(context, planned, reference, prefix)
  } catch (error) {
    const importer = readIssuer(data.contextInfo.issuer)
    if (importer) context.failed.add(importer)
    // Rspack shows the stack instead of the message.
    throw error instanceof Error && !error.stack ? Object.assign(error, { stack: error.message }) : error
  }
}

async function makePicture(
  context: RewriteContext,
  data: ResolveData,
  specifier: string,
  reference: Reference,
): Promise<PlannedCutout | undefined> {
  const { compilation, cutouts } = context
  const importer = readIssuer(data.contextInfo.issuer)
  const finder: SourceFinder = { resolve: path => resolvePath(context, data, path) }
  const site = { text: specifier, importer }
  // A fixed photograph or matte starts the next compilation, even if nothing else has changed.
  const watch = (file: string, exists: boolean) => {
    const { fileDependencies, missingDependencies } = compilation
    if (exists) fileDependencies.add(file)
    else missingDependencies.add(file)
  }
  const mattes = new Set<string>()
  try {
    const planned = await planReference(
      cutouts,
      reference,
      finder,
      site,
      watch,
      file => void mattes.add(file),
    )
    return planned && (await makeCutout(context, planned))
  } finally {
    // Now the predicted matte is kept: as a missing file it would start another compilation.
    for (const file of mattes) watch(file, existsSync(file))
  }
}

/** Makes a picture or its draft. @throws {LocatedError} */
async function makeCutout(
  { compilation, makeShown }: RewriteContext,
  planned: PlannedCutout,
): Promise<PlannedCutout> {
  const { shown, weights } = await explainFailure(planned, makeShown)
  if (weights) compilation.missingDependencies.add(weights)
  return shown
}

/**
 * Returns `<path>!=!<the request's loaders><nobg's loader>!<picture>`. The path is in the photograph's folder, and decides
 * type, rules and `[path]`. nobg's loader runs before the loaders of the rules, and adds the photograph as a dependency. The
 * resource is the file in the cache, because loaders such as responsive-loader read the file at the resource's path. The
 * photograph's path is relative, because it becomes part of the module's identity.
 *
 * @param prefix the part of the request before the photograph: a match resource (`a.png!=!`), a prefix that disables the
 *   loaders of rules (`!`, `-!` or `!!`), and loaders (`url-loader?limit=100!`). All three keep their meaning.
 */
async function writeRequest(
  { compiler, cutouts, pictures, isWithoutRule }: RewriteContext,
  planned: PlannedCutout,
  { preset, words }: Reference,
  prefix = '',
): Promise<string> {
  const { source, file, postfix, matte, plan } = planned
  if (!plan) return prefix + file + postfix
  const options: LoaderQuery = {
    source: slash(relative(compiler.context, source)),
    preset,
    query: joinWords(words),
    ...(matte !== undefined && { matte: matte && slash(relative(compiler.context, matte)) }),
  }
  const json = JSON.stringify(options).replaceAll('!', '\\u0021')
  const [, given, , loaders] = /^(?:([^!]+)!=!)?(-!|!!|!)?(.*)$/s.exec(prefix) ?? []
  // Asset modules are named after the path, and the files of loaders after the resource.
  const clean = slash(join(dirname(source), basename(file)))
  const isHashed = areNamesHashed(compiler, clean, loaders ?? '')
  const path = isHashed ? clean : planned.modulePath
  const resource = isHashed ? file : await cutouts.placeUnique(planned)
  pictures.add(path)
  // Inline loaders return JavaScript. The default rule would emit that JavaScript as a file.
  const type = loaders && isWithoutRule(source, path) ? '.webpack[javascript/auto]' : ''
  const match = given ?? path.replaceAll('#', hashOf(compiler)) + postfix + type
  const inline = given === undefined ? prefix : prefix.slice(given.length + '!=!'.length)
  return `${match}!=!${inline}${ASSET_LOADER}?${json}!${resource + postfix}`
}

/** A `#` that starts no fragment, in the form that each compiler uses in its paths. */
function hashOf(compiler: Compiler): string {
  return 'rspack' in compiler.webpack ? '\u200b#' : '\0#'
}

/** The inverse of {@link hashOf}. */
function restoreHash(path: string): string {
  return path.replace(/[\p{Cc}\p{Cf}]#/gu, '#')
}

/** The file of the importing module; undefined for an entry or a `require.context`. */
function readIssuer(issuer: string | null): string | undefined {
  return issuer ? stripPostfix(restoreHash(issuer)) : undefined
}

/** Resolves a path with the compiler, aliases included. A bare name may be relative, as in style sheets and HTML files. */
async function resolvePath(
  { normalModuleFactory }: RewriteContext,
  { dependencyType = 'esm', contextInfo, context }: ResolveData,
  path: string,
): Promise<string | undefined> {
  const resolver = normalModuleFactory.getResolver('normal', { dependencyType })
  const candidates = /^[./]/.test(path) ? [path] : [path, `./${path}`]
  for (const candidate of candidates) {
    const file = await new Promise<string | false | undefined>(done =>
      resolver.resolve(contextInfo, context, candidate, {}, (_error, found) => done(found)),
    )
    if (file) return restoreHash(file)
  }
  return undefined
}
