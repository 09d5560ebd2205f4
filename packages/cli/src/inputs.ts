import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { NobgError } from '@nobg/core'
import { abbreviate } from '@nobg/core/internal'
import picomatch from 'picomatch'
import { missing, noImages, nothingButOwn, unreadable } from './input-errors.ts'
import { listFiles } from './list-files.ts'
import { isMarked } from './mark.ts'
import { describeFile, describeStdin, describeStream, describeUrl, type Source, shorten } from './source.ts'
import { isStream } from './streams.ts'

/** A word of the command line, or a file, that leads to no picture. */
export interface Miss {
  label: string
  error: NobgError
}

/** What the words of a command line name. */
export interface Found {
  sources: Source[]
  misses: Miss[]
  /** Cut-outs of earlier runs, which are no sources. */
  leftOut: Source[]
}

/** What is taken for a picture in a folder: what core reads, and what people hope that it reads and shall hear of. */
const IMAGE = /\.(jpe?g|jfif|png|webp|avif|gif|tiff?|hei[cf])\s*$/i

/** The formats that nobg writes. */
const WRITTEN = /\.(png|webp|avif)$/i

/**
 * Finds what the words of a command line name: files, pipes, folders, globs, `http:` and `https:` URLs, and `-` for stdin. A
 * folder that may not be read is a miss. What this program wrote is a source only if nothing but such files is named.
 *
 * @param noInputs absolute paths of folders in which nothing is found: nobg's own, and the one that is written into. A
 *   word that leads into such a folder is heeded nevertheless.
 */
export async function findSources(words: readonly string[], noInputs: readonly string[]): Promise<Found> {
  const misses: Miss[] = []
  const all = new Map<string, Source>()
  for (const word of words) {
    try {
      for (const source of await findWord(word, noInputs, misses)) {
        const id = await identify(source)
        if (!all.has(id)) all.set(id, source)
      }
    } catch (error) {
      if (!(error instanceof NobgError)) throw error
      misses.push({ label: abbreviate(word), error })
    }
  }
  hintAtOutput(words, misses)
  return { ...(await splitOffOwn([...all.values()], misses)), misses }
}

/** Equal for two ways to write one file: on some file systems names that differ in case are one. */
async function identify({ image, path, label }: Source): Promise<string> {
  if (path === undefined) return image instanceof URL ? image.href : label
  const stats = await stat(path, { bigint: true }).catch(() => undefined)
  return stats ? `${fold(path)} ${stats.dev} ${stats.ino}` : path
}

/** The same for names that a file system may take for one. */
export function fold(path: string): string {
  return path.normalize('NFC').toLowerCase()
}

async function splitOffOwn(
  all: readonly Source[],
  misses: Miss[],
): Promise<Pick<Found, 'sources' | 'leftOut'>> {
  const own = new Set<Source>()
  for (const source of all)
    if (typeof source.image === 'string' && (await isMarked(source.image))) own.add(source)
  const sources = all.filter(source => !own.has(source))
  // `nobg *` names what an earlier `nobg *` wrote; `nobg cat.png` means it.
  const areMeant = sources.length === 0 && all.some(({ found }) => !found)
  if (areMeant)
    return { sources: all.filter(({ found }) => !found), leftOut: all.filter(({ found }) => found) }
  if (all.length > 0 && sources.length === 0 && misses.length === 0) {
    misses.push({ label: all[0].label, error: nothingButOwn() })
  }
  return { sources, leftOut: [...own] }
}

async function findWord(word: string, noInputs: readonly string[], misses: Miss[]): Promise<Source[]> {
  if (word === '-') return [describeStdin()]
  if (/^https?:\/\//i.test(word)) return [describeUrl(word)]
  const scan = picomatch.scan(toPattern(word))
  const isPattern = scan.isGlob || scan.negated === true
  const stats = await statWord(word, isPattern)
  if (stats && !stats.isDirectory()) return [isStream(word) ? describeStream(word) : describeFile(word)]
  if (!stats && !isPattern) throw missing(word)
  return findInFolder(word, stats ? undefined : toPattern(word), noInputs, misses)
}

/** A file whose name happens to be a pattern is that file. */
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
  misses: Miss[],
): Promise<Source[]> {
  const base = resolve(pattern === undefined ? word : baseOf(pattern))
  const listing = await listFiles(base, {
    pattern: pattern === undefined ? '**' : belowBase(pattern),
    isWanted: path => IMAGE.test(path),
    isLeftOut: path => noInputs.includes(path),
  })
  const { files } = listing
  // A glob may name a folder that is not there.
  const failures = listing.unreadable.filter(({ path, error }) => path !== base || error.code !== 'ENOENT')
  for (const { path, error } of failures)
    misses.push({ label: shorten(path), error: unreadable(path, error) })
  if (files.length === 0 && failures.length === 0)
    throw noImages(word, pattern === undefined ? 'in the folder' : 'that match')
  return files.map(file => ({ ...describeFile(file), folder: dirname(relative(base, file)), found: true }))
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

/** A shell of Windows separates folders by what quotes a letter in a pattern. */
function toPattern(word: string): string {
  return process.platform === 'win32' ? word.replaceAll('\\', '/') : word
}

/** `nobg cat.jpg out.png`: the second word looks like the file to write. */
function hintAtOutput(words: readonly string[], misses: Miss[]): void {
  const last = words.at(-1)
  const miss = misses.find(({ label }) => label === abbreviate(last ?? ''))
  if (last === undefined || words.length < 2 || !miss || !WRITTEN.test(last) || /[*?]/.test(last)) return
  const { code, message } = miss.error
  const hint = `To write to this file: ${words.length === 2 ? `nobg ${words[0]} ` : ''}-o ${last}`
  miss.error = new NobgError(code, message, { hint })
}
