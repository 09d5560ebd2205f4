import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { NobgError } from '@nobg/core'
import { isFile } from '../references/is-file.ts'
import { type Reference, stripPostfix } from '../references/reference.ts'
import { slash } from '../references/slash.ts'

/** How files are resolved for one reference. */
export interface SourceFinder {
  /** Resolves a specifier with the host, aliases included, to an absolute path; undefined if the host finds nothing. */
  resolve(specifier: string): Promise<string | undefined>
  /** Folder whose files are copied unchanged to the site's root. */
  publicDir?: string
}

/** The photograph of a reference. */
export interface FoundSource {
  /** Absolute path, or the expected path if the photograph does not exist. */
  file: string
  /** Whether a file or folder exists there. Core rejects folders. */
  exists: boolean
}

/**
 * Finds the photograph of a reference.
 *
 * @param importer absolute path of the file that contains the reference.
 * @returns undefined if a real file is called `a.nobg.jpg`, so that the text is no reference.
 * @throws {NobgError} INVALID_SOURCE if the photograph is in the public folder, which no build step processes.
 */
export async function findSource(
  reference: Reference,
  finder: SourceFinder,
  importer: string | undefined,
): Promise<FoundSource | undefined> {
  const { path, specifier, sibling } = reference
  const literal = stripPostfix(specifier)
  if (sibling && (findPublicFile(literal, finder) ?? (await findFile(literal, finder, importer))))
    return undefined
  assertNotPublic(path, finder)
  const file = await findFile(path, finder, importer)
  const expected = slash(file ?? expectedPath(path, importer))
  return { file: expected, exists: existsSync(expected) }
}

/**
 * Finds the matte that a reference names.
 *
 * @returns absolute path, or the expected path if the matte does not exist; `false` for `matte=false`; undefined if the
 *   reference names none.
 * @throws {NobgError} INVALID_OPTION if the reference names several mattes.
 */
export async function findNamedMatte(
  { mattes = [] }: Reference,
  finder: SourceFinder,
  importer: string | undefined,
): Promise<string | false | undefined> {
  const [word, second] = mattes
  if (second) {
    throw new NobgError('INVALID_OPTION', `Expected one matte, got two: ${word.text} and ${second.text}.`, {
      hint: 'Remove one of the two words.',
    })
  }
  if (!word) return undefined
  if (word.value === 'false') return false
  const file = await findFile(word.value, finder, importer)
  return slash(file ?? expectedPath(word.value, importer))
}

async function findFile(
  path: string,
  { resolve: resolveInHost }: SourceFinder,
  importer: string | undefined,
): Promise<string | undefined> {
  const id = await resolveInHost(path)
  const candidates = id ? [id, stripPostfix(id)] : []
  // A file name may contain a question mark. For hosts, a question mark starts a query.
  if (importer && /^\.\.?\//.test(path)) candidates.push(resolve(dirname(importer), path))
  return candidates.find(isFile)
}

function expectedPath(path: string, importer: string | undefined): string {
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
      hint: 'Files in the public folder are copied unchanged: move the image next to your sources and refer to the new path.',
    },
  )
}
