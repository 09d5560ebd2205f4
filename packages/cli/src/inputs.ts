import { readdirSync, type Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname, relative, resolve } from 'node:path'
import { NobgError } from '@nobg/core'
import { abbreviate, isOwnMatteName } from '@nobg/core/internal'
import picomatch from 'picomatch'
import { missing, noImages, onlyCutouts, unreadable } from './input-errors.ts'
import { listFiles } from './list-files.ts'
import { isMarked } from './mark.ts'
import {
  describeFile,
  describeStdin,
  describeStream,
  describeUrl,
  type NamedSource,
  shorten,
} from './named-source.ts'
import { isStreamPath } from './streams.ts'

/** A word of the command line, or a file, that is not a readable picture. */
export interface InputFailure {
  label: string
  error: NobgError
}

/** The pictures that a command line names. */
export interface Found {
  sources: NamedSource[]
  inputFailures: InputFailure[]
  /** Cutouts of earlier runs, which are not sources. */
  leftOut: NamedSource[]
  /** Mattes of photographs beside them that the command line names, which are not sources. */
  mattes: NamedSource[]
}

/** Files that are taken from a folder: formats that core reads, and HEIC, for which core has an error message. */
const IMAGE = /\.(jpe?g|jfif|png|webp|avif|gif|tiff?|hei[cf])\s*$/i

/** The formats that nobg writes. */
const WRITTEN = /\.(png|webp|avif)$/i

/**
 * Finds the pictures that a command line names by files, pipes, folders, globs, `http:` and `https:` URLs, and `-` for stdin.
 * An unreadable folder is a failure. A file that nobg wrote, and a matte beside its photograph, is a source only if the command
 * line names nothing else.
 *
 * @param noInputs absolute paths of folders that are left out: nobg's own and the output folder. A word that names such a
 *   folder itself is not left out.
 */
export async function findSources(words: readonly string[], noInputs: readonly string[]): Promise<Found> {
  const inputFailures: InputFailure[] = []
  const all = new Map<string, NamedSource>()
  for (const word of words) {
    try {
      for (const source of await findWord(word, noInputs, inputFailures)) {
        const id = await identify(source)
        if (!all.has(id)) all.set(id, source)
      }
    } catch (error) {
      if (!(error instanceof NobgError)) throw error
      inputFailures.push({ label: abbreviate(word), error })
    }
  }
  hintAtOutput(words, inputFailures)
  const pictures = [...all.values()]
  const isMatte = ({ path }: NamedSource) => path !== undefined && isMatteOfPhotograph(path)
  const mattes = pictures.every(isMatte) ? [] : pictures.filter(isMatte)
  const others = pictures.filter(source => !mattes.includes(source))
  return { ...(await splitOffCutouts(others, inputFailures)), mattes, inputFailures }
}

/** A string that is equal for two names of one file; on some file systems names that differ in case are one file. */
async function identify({ image, path, label }: NamedSource): Promise<string> {
  if (path === undefined) return image instanceof URL ? image.href : label
  const stats = await stat(path, { bigint: true }).catch(() => undefined)
  return stats ? `${fold(path)} ${stats.dev} ${stats.ino}` : path
}

/** A string that is equal for names that a file system may treat as one. */
export function fold(path: string): string {
  return path.normalize('NFC').toLowerCase()
}

async function splitOffCutouts(
  all: readonly NamedSource[],
  inputFailures: InputFailure[],
): Promise<Pick<Found, 'sources' | 'leftOut'>> {
  const own = new Set<NamedSource>()
  for (const source of all)
    if (typeof source.image === 'string' && (await isMarked(source.image))) own.add(source)
  const sources = all.filter(source => !own.has(source))
  // `nobg *` also matches what an earlier `nobg *` wrote; `nobg cat.png` names a cutout on purpose.
  const areNamed = sources.length === 0 && all.some(({ found }) => !found)
  if (areNamed)
    return { sources: all.filter(({ found }) => !found), leftOut: all.filter(({ found }) => found) }
  if (all.length > 0 && sources.length === 0 && inputFailures.length === 0) {
    inputFailures.push({ label: all[0].label, error: onlyCutouts() })
  }
  return { sources, leftOut: [...own] }
}

async function findWord(
  word: string,
  noInputs: readonly string[],
  inputFailures: InputFailure[],
): Promise<NamedSource[]> {
  if (word === '-') return [describeStdin()]
  if (/^https?:\/\//i.test(word)) return [describeUrl(word)]
  const scan = picomatch.scan(toPattern(word))
  const isPattern = scan.isGlob || scan.negated === true
  const stats = await statWord(word, isPattern)
  if (stats && !stats.isDirectory()) return [isStreamPath(word) ? describeStream(word) : describeFile(word)]
  if (!stats && !isPattern) throw missing(word)
  return findInFolder(word, stats ? undefined : toPattern(word), noInputs, inputFailures)
}

/** A word that is both a file name and a pattern is the file. */
async function statWord(word: string, isPattern: boolean): Promise<Stats | undefined> {
  try {
    return await stat(word)
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (isPattern || code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw unreadable(word, error as NodeJS.ErrnoException)
  }
}

async function findInFolder(
  word: string,
  pattern: string | undefined,
  noInputs: readonly string[],
  inputFailures: InputFailure[],
): Promise<NamedSource[]> {
  const base = resolve(pattern === undefined ? word : baseOf(pattern))
  const listing = await listFiles(base, {
    pattern: pattern === undefined ? '**' : belowBase(pattern),
    isWanted: path => IMAGE.test(path) && !isMatteOfPhotograph(path),
    isLeftOut: path => noInputs.includes(path),
  })
  const { files } = listing
  // The base of a glob may be missing.
  const failures = listing.unreadable.filter(({ path, error }) => path !== base || error.code !== 'ENOENT')
  for (const { path, error } of failures)
    inputFailures.push({ label: shorten(path), error: unreadable(path, error) })
  if (files.length === 0 && failures.length === 0)
    throw noImages(word, pattern === undefined ? 'in the folder' : 'that match')
  return files.map(file => ({ ...describeFile(file), folder: dirname(relative(base, file)), found: true }))
}

/** Whether a file is named as the matte of a photograph in its folder: `ada.matte.png` beside `ada.jpg`. */
function isMatteOfPhotograph(path: string): boolean {
  if (!isOwnMatteName(path)) return false
  const stem = basename(path).replace(/\.matte\.\w+$/i, '.')
  try {
    const names = readdirSync(dirname(path)).filter(name => name.startsWith(stem) && IMAGE.test(name))
    return names.some(name => name.lastIndexOf('.') === stem.length - 1)
  } catch {
    // Reading the picture later reports the error.
    return false
  }
}

/** The folders of a glob before its first pattern: `photos` of `photos/*.jpg`. */
function baseOf(pattern: string): string {
  const plain = pattern.split(/[*?[{]|[!+@]?\(/, 1)[0]
  return plain.includes('/') ? plain.slice(0, plain.lastIndexOf('/')) || '/' : '.'
}

function belowBase(pattern: string): string {
  const base = baseOf(pattern)
  if (base === '/') return pattern.slice(1)
  return pattern.startsWith(`${base}/`) ? pattern.slice(base.length + 1) : pattern
}

/** On Windows the separator of folders is the escape character of patterns. */
function toPattern(word: string): string {
  return process.platform === 'win32' ? word.replaceAll('\\', '/') : word
}

/** `nobg cat.jpg out.png`: the last word is probably the output file. */
function hintAtOutput(words: readonly string[], inputFailures: InputFailure[]): void {
  const last = words.at(-1)
  const failure = inputFailures.find(({ label }) => label === abbreviate(last ?? ''))
  if (last === undefined || words.length < 2 || !failure || !WRITTEN.test(last) || /[*?]/.test(last)) return
  const { code, message } = failure.error
  const hint = `To write to this file: ${words.length === 2 ? `nobg ${words[0]} ` : ''}-o ${last}`
  failure.error = new NobgError(code, message, { hint })
}
