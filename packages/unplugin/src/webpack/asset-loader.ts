import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { LoaderContext } from 'webpack'
import { slash } from '../references/slash.ts'
import { cutoutsByCompiler } from './cutouts-by-compiler.ts'

/** What the request of a picture's module says about its photograph. */
export interface LoaderQuery {
  /** Path of the photograph, relative to the compiler's context. */
  source: string
  preset: string | undefined
  /** The reference's words, verbatim. */
  query: string
}

/** The loader wants bytes. */
export const raw = true

/**
 * The loader of a picture's module: makes the photograph a dependency, and gives the picture of the photograph as it is
 * now. Where the importer has not changed, a compiler that watches does not ask for its imports again.
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
  const reference = { specifier: path, path, preset, query, fragment: '', sibling: false }
  const planned = await cutouts.plan(source, reference)
  // Also where the file is the one that the request names: a compiler may ask again because that file is damaged.
  await cutouts.ensure(planned)
  return readFile(planned.file)
}
