import { existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { NobgError } from '@nobg/core'
import { type Reference, stripPostfix } from './reference.ts'
import { slash } from './slash.ts'

/** How a host finds files. */
export interface SourceFinder {
  /** The host's own resolution of a specifier to an absolute path, aliases included; undefined where it finds nothing. */
  resolve(specifier: string): Promise<string | undefined>
  /** Absolute path of the file that holds the reference. */
  importer: string | undefined
  /** Folder whose files are copied untouched and addressed from the site's root. */
  publicDir?: string
}

/** Where a reference's photograph is, or where it would have to be. */
export interface FoundSource {
  file: string
  exists: boolean
}

/**
 * Finds the photograph of a reference.
 *
 * @returns undefined where the reference is none: a real file is called `a.nobg.jpg`.
 * @throws {NobgError} INVALID_SOURCE for a file of the public folder, which no build step sees.
 */
export async function findSource(
  reference: Reference,
  finder: SourceFinder,
): Promise<FoundSource | undefined> {
  const { path, specifier, sibling } = reference
  if (sibling && (await findFile(stripPostfix(specifier), finder))) return undefined
  refusePublicFile(path, finder)
  const file = await findFile(path, finder)
  return { file: slash(file ?? expectedPath(path, finder)), exists: file !== undefined }
}

async function findFile(path: string, { resolve: ask, importer }: SourceFinder): Promise<string | undefined> {
  const answer = await ask(path)
  const candidates = answer ? [answer, stripPostfix(answer)] : []
  // Hosts take a question mark in a file's name for the start of a query; the disk does not.
  if (importer && /^\.\.?\//.test(path)) candidates.push(resolve(dirname(importer), path))
  return candidates.find(isFile)
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

function expectedPath(path: string, { importer }: SourceFinder): string {
  return importer ? resolve(dirname(importer), path) : resolve(path)
}

function refusePublicFile(path: string, { publicDir }: SourceFinder): void {
  if (!publicDir || !path.startsWith('/')) return
  const file = join(publicDir, path)
  if (!existsSync(file)) return
  throw new NobgError(
    'INVALID_SOURCE',
    `Expected an image that the build processes, got a file of the public folder: ${file}`,
    {
      hint: 'Files in the public folder are copied as they are: move the image beside your sources and refer to it from there.',
    },
  )
}
