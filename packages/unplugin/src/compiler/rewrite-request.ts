import { extname, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Compilation, Compiler } from 'webpack'
import type { Cutouts, PlannedCutout } from '../cutouts.ts'
import type { SourceFinder } from '../find-source.ts'
import { ensureCutout, planReference } from '../plan-reference.ts'
import { MARKED_TEXT, parseReference, type Reference, stripPostfix } from '../reference.ts'
import { slash } from '../slash.ts'
import type { LoaderQuery } from './asset-loader.ts'

type NormalModuleFactory = Parameters<Compiler['hooks']['normalModuleFactory']['call']>[0]

/** What webpack and Rspack tell of a request before it is resolved. */
type ResolveData = Parameters<NormalModuleFactory['hooks']['beforeResolve']['promise']>[0]

/** What a request is rewritten with. */
export interface Rewriting {
  compiler: Compiler
  compilation: Compilation
  normalModuleFactory: NormalModuleFactory
  cutouts: Cutouts
}

const ASSET_LOADER = fileURLToPath(new URL(`./asset-loader${extname(import.meta.url)}`, import.meta.url))

/**
 * The `beforeResolve` hook: makes the picture of a marked request and asks for its file instead. Inline loaders and
 * whatever query words are not ours stay.
 *
 * @throws {LocatedError}
 */
export async function rewriteRequest(rewriting: Rewriting, data: ResolveData): Promise<undefined> {
  // A request with `!=!` has been rewritten already, by us or by others.
  if (!MARKED_TEXT.test(data.request) || data.request.includes('!=!')) return
  const [, loaders, specifier] = /^(.*!)?([^!]*)$/s.exec(data.request) ?? []
  const reference = parseReference(specifier)
  if (!reference) return
  try {
    const planned = await makePicture(rewriting, data, specifier, reference)
    if (!planned) return
    // Else webpack's unsafe cache would answer with the picture of before, because it lies in node_modules.
    data.cacheable = false
    data.request = writeRequest(rewriting.compiler.context, planned, reference, loaders)
  } catch (error) {
    // Rspack shows the stack and not the message.
    throw error instanceof Error && !error.stack ? Object.assign(error, { stack: error.message }) : error
  }
}

async function makePicture(
  rewriting: Rewriting,
  data: ResolveData,
  specifier: string,
  reference: Reference,
): Promise<PlannedCutout | undefined> {
  const { compilation, cutouts } = rewriting
  const importer = data.contextInfo.issuer ? stripPostfix(data.contextInfo.issuer) : undefined
  const finder: SourceFinder = { importer, resolve: path => resolvePath(rewriting, data, path) }
  const mention = { text: specifier, importer }
  const planned = await planReference(cutouts, reference, finder, mention, (file, exists) => {
    // A mended photograph starts the next compilation, although nothing else has changed.
    const { fileDependencies, missingDependencies } = compilation
    if (exists) fileDependencies.add(file)
    else missingDependencies.add(file)
  })
  if (planned) await ensureCutout(cutouts, planned, mention)
  return planned
}

/**
 * `<picture>!=!<the request's own loaders><our loader>!<picture>`: the picture's path decides type and rules, our loader
 * runs before the rules' loaders, and the photograph is a dependency of the picture's module. Paths are relative, because
 * the request becomes part of the module's identity.
 */
function writeRequest(
  context: string,
  { source, file, postfix, plan }: PlannedCutout,
  { preset, query }: Reference,
  loaders = '',
): string {
  const resource = file + postfix
  if (!plan) return loaders + resource
  const options: LoaderQuery = { source: slash(relative(context, source)), preset, query }
  const json = JSON.stringify(options).replaceAll('!', '\\u0021')
  return `${resource}!=!${loaders.replace(/^(?:-?!|!!)/, '')}${ASSET_LOADER}?${json}!${resource}`
}

/** The compiler's own resolution, aliases included; in a style sheet or an HTML file a bare name is relative. */
async function resolvePath(
  { normalModuleFactory }: Rewriting,
  { dependencyType = 'esm', contextInfo, context }: ResolveData,
  path: string,
): Promise<string | undefined> {
  const resolver = normalModuleFactory.getResolver('normal', { dependencyType })
  const candidates = /^[./]/.test(path) ? [path] : [path, `./${path}`]
  for (const candidate of candidates) {
    const file = await new Promise<string | false | undefined>(done =>
      resolver.resolve(contextInfo, context, candidate, {}, (_error, found) => done(found)),
    )
    if (file) return file
  }
  return undefined
}
