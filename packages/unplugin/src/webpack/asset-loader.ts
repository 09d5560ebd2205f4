import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { splitQuery } from '@nobg/core/internal'
import type { LoaderContext } from 'webpack'
import { findMatteFiles } from '../core/matte-files.ts'
import { slash } from '../references/slash.ts'
import { cutoutsByCompiler } from './cutouts-by-compiler.ts'
import { watchKeptMatte, watchMatte } from './watch-matte.ts'

/** The loader's options in the request of a picture's module. */
export interface LoaderQuery {
  /** Path of the photograph, relative to the compiler's context. */
  source: string
  preset: string | undefined
  /** The words of the reference, unchanged. */
  query: string
  /** Path of the matte that the reference names, relative to the compiler's context; `false` if no other matte counts. */
  matte?: string | false
}

/** The loader gets bytes. */
export const raw = true

/**
 * The loader of a picture's module: adds the photograph and its mattes as dependencies, and returns the picture of the current photograph.
 * A compiler that watches does not resolve the imports of an unchanged module again, so that the request may be old.
 *
 * @param picture the finished picture's file: uint8, [byteLength].
 * @throws {NobgError}
 */
export default async function loadPicture(
  this: LoaderContext<LoaderQuery>,
  picture: Buffer,
): Promise<Buffer> {
  const { source: path, preset, query, matte: mattePath } = this.getOptions()
  const source = slash(resolve(this.rootContext, path))
  const matte = mattePath && slash(resolve(this.rootContext, mattePath))
  this.addDependency(source)
  for (const file of findMatteFiles(source, matte)) watchMatte(this, file)
  const pictures = this._compiler && cutoutsByCompiler.get(this._compiler)
  if (!pictures) return picture
  const { cutouts, makeShown } = pictures
  const reference = { specifier: path, path, preset, words: splitQuery(query), fragment: '', sibling: false }
  const site = cutouts.find(slash(this.resource))?.site ?? { text: path, importer: undefined }
  const plan = () => cutouts.plan(source, reference, site, matte)
  // Making is needed for an unchanged picture too: its file may be damaged or deleted.
  let file = ''
  await watchKeptMatte(this, plan, async planned => {
    const { shown, weights } = await makeShown(planned)
    file = shown.file
    if (!weights) return
    this.addMissingDependency(weights)
    // A build must not find a draft in the compiler's cache on disk.
    this.cacheable(false)
  })
  return readFile(file)
}
