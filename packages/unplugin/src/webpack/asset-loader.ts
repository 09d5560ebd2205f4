import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { splitQuery } from '@nobg/core/internal'
import type { LoaderContext, RuleSetRule } from 'webpack'
import { reportLeftOverWords } from '../core/left-over-words.ts'
import { slash } from '../references/slash.ts'
import { cutoutsByCompiler } from './cutouts-by-compiler.ts'
import { matches } from './default-rule.ts'

/** The loader's options in the request of a picture's module. */
export interface LoaderQuery {
  /** Path of the photograph, relative to the compiler's context. */
  source: string
  preset: string | undefined
  /** The words of the reference, unchanged. */
  query: string
}

/** The loader gets bytes. */
export const raw = true

/**
 * The loader of a picture's module: adds the photograph as a dependency, and returns the picture of the current photograph.
 * A compiler that watches does not resolve the imports of an unchanged module again, so that the request may be old.
 *
 * @param picture the finished picture's file: uint8, [byteLength].
 * @throws {NobgError}
 */
export default async function loadPicture(
  this: LoaderContext<LoaderQuery>,
  picture: Buffer,
): Promise<Buffer> {
  const { source: path, preset, query } = this.getOptions()
  const source = slash(resolve(this.rootContext, path))
  this.addDependency(source)
  const cutouts = this._compiler && cutoutsByCompiler.get(this._compiler)
  if (!cutouts) return picture
  const reference = { specifier: path, path, preset, words: splitQuery(query), fragment: '', sibling: false }
  const site = cutouts.find(slash(this.resource))?.site ?? { text: path, importer: undefined }
  const planned = await cutouts.plan(source, reference, site)
  if (!isQueryRead(this)) reportLeftOverWords(planned, message => this.emitWarning(new Error(message)))
  // Needed for an unchanged picture too: its file may be damaged or deleted.
  await cutouts.ensure(planned)
  return readFile(planned.file)
}

/** Loaders that do not read the query of the file. */
const BLIND_LOADER = /[\\/](?:next-image-loader|file-loader|url-loader)[\\/]/

/** Whether another loader may read the query of the picture, or a rule of the user depends on it. */
function isQueryRead(context: LoaderContext<LoaderQuery>): boolean {
  const { loaders, loaderIndex, resourceQuery } = context
  if (loaders.some(({ path }, index) => index !== loaderIndex && !BLIND_LOADER.test(path))) return true
  return dependsOnQuery(context._compiler?.options.module.rules ?? [], resourceQuery)
}

function dependsOnQuery(rules: readonly unknown[], query: string): boolean {
  return rules.some(rule => {
    if (typeof rule !== 'object' || rule === null) return false
    const { resourceQuery, oneOf = [], rules: nested = [] } = rule as RuleSetRule
    if (resourceQuery !== undefined && matches(resourceQuery, query)) return true
    return dependsOnQuery([...(oneOf || []), ...(nested || [])], query)
  })
}
