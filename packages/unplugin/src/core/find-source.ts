import { existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { NobgError } from '@nobg/core'
import { type Reference, stripPostfix } from '../references/reference.ts'
import { slash } from '../references/slash.ts'

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
  /** Whether anything is there; a folder is core's to refuse. */
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
  const literal = stripPostfix(specifier)
  if (sibling && (findPublicFile(literal, finder) ?? (await findFile(literal, finder)))) return undefined
  assertNotPublic(path, finder)
  const file = await findFile(path, finder)
  const expected = slash(file ?? expectedPath(path, finder))
  return { file: expected, exists: existsSync(expected) }
}

async function findFile(path: string, { resolve: ask, importer }: SourceFinder): Promise<string | undefined> {
  const answer = await ask(path)
  const candidates = answer ? [answer, stripPostfix(answer)] : []
  // Hosts take a question mark in a file's name for the start of a query; the disk does not.
  if (importer && /^\.\.?\//.test(path)) candidates.push(resolve(dirname(importer), path))
  return candidates.find(isFile)
}

function isFile(path: string): boolean {
  // Ids of virtual modules begin with a null byte, which no path may hold.
  if (path.includes('\0')) return false
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

function expectedPath(path: string, { importer }: SourceFinder): string {
  return importer ? resolve(dirname(importer), path) : resolve(path)
}

function findPublicFile(path: string, { publicDir }: SourceFinder): string | undefined {
  const file = publicDir && path.startsWith('/') ? join(publicDir, path) : undefined
  return file && existsSync(file) ? file : undefined
}

function assertNotPublic(path: string, finder: SourceFinder): void {
  const file = findPublicFile(path, finder)
  if (!file) return
  throw new NobgError(
    'INVALID_SOURCE',
    `Expected an image that the build processes, got a file of the public folder: ${file}`,
    {
      hint: 'Files in the public folder are copied as they are: move the image beside your sources and refer to it from there.',
    },
  )
}
