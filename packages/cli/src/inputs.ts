import { realpath, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, relative, resolve } from 'node:path'
import { abbreviate, type ImageInput, NobgError, nameSource, showValue } from '@nobg/core'
import { glob, isDynamicPattern } from 'tinyglobby'

/** One picture to read. */
export interface Source {
  image: ImageInput
  /** How to speak of it: the path from the working directory, the URL, or `stdin`. */
  label: string
  /** Name for what is made of it, without an extension. */
  name: string
  /** Absolute path, where it is a file. */
  path?: string
  /** Where it lies below the folder or the glob's base that it was found in, without its name; '' where it was named. */
  folder: string
  /** Whether it was found in a folder or by a glob, and not named by itself. */
  found: boolean
}

/** A word of the command line that leads to no picture. */
export interface Miss {
  label: string
  error: NobgError
}

/** What is taken for a picture in a folder: what core reads, and what people hope that it reads and shall hear of. */
const IMAGE = /\.(jpe?g|jfif|png|webp|avif|gif|tiff?|hei[cf])$/i

/**
 * Finds what the words of a command line name: files, folders, globs, `http:` and `https:` URLs, and `-` for stdin.
 *
 * @param outputDir a folder below an input folder into which is written: what lies there is no input.
 */
export async function findSources(
  words: readonly string[],
  outputDir?: string,
): Promise<{ sources: Source[]; misses: Miss[] }> {
  const misses: Miss[] = []
  const sources = new Map<string, Source>()
  for (const word of words) {
    try {
      for (const source of await findWord(word, outputDir)) {
        const id = source.path ?? (source.image instanceof URL ? source.image.href : source.label)
        if (!sources.has(id)) sources.set(id, source)
      }
    } catch (error) {
      if (!(error instanceof NobgError)) throw error
      misses.push({ label: abbreviate(word), error })
    }
  }
  return { sources: [...sources.values()], misses }
}

async function findWord(word: string, outputDir: string | undefined): Promise<Source[]> {
  if (word === '-') return [{ image: process.stdin, label: 'stdin', name: 'image', folder: '', found: false }]
  if (/^https?:\/\//i.test(word)) return [describeUrl(word)]
  const stats = await stat(word).catch(() => undefined)
  // A file whose name happens to be a pattern is that file.
  if (stats && !stats.isDirectory()) return [describeFile(word)]
  if (!stats && !isDynamicPattern(word)) throw missing(word)
  const base = stats ? word : baseOf(word)
  const files = (await listFiles(word, base, Boolean(stats))).filter(
    file => IMAGE.test(file) && !isInside(file, outputDir, base),
  )
  if (files.length === 0) throw noImages(word, stats ? 'in the folder' : 'that match')
  return files.map(file => ({ ...describeFile(file), folder: dirname(relative(base, file)), found: true }))
}

async function listFiles(word: string, base: string, isFolder: boolean): Promise<string[]> {
  const options = { absolute: true, expandDirectories: false, ignore: '**/node_modules/**' }
  const files = isFolder
    ? await glob('**', { ...options, cwd: base })
    : await glob(toPattern(word), { ...options, caseSensitiveMatch: process.platform === 'linux' })
  const distinct = await dropRepeats(files)
  return distinct.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
}

/** A link to a folder above leads to the same files over and over: the shortest way to each is kept. */
async function dropRepeats(files: readonly string[]): Promise<string[]> {
  const folders = new Map<string, Promise<string>>()
  const byPlace = new Map<string, string>()
  for (const file of files.toSorted((a, b) => a.length - b.length)) {
    const folder = dirname(file)
    if (!folders.has(folder)) folders.set(folder, realpath(folder))
    const place = join(await (folders.get(folder) as Promise<string>), basename(file))
    if (!byPlace.has(place)) byPlace.set(place, file)
  }
  return [...byPlace.values()]
}

/** The folders of a glob before its first pattern: `photos` of `photos/*.jpg`. */
function baseOf(pattern: string): string {
  const plain = toPattern(pattern).split(/[*?[{]|[!+@]?\(/, 1)[0]
  return plain.includes('/') ? plain.slice(0, plain.lastIndexOf('/')) || '/' : '.'
}

/** A shell of Windows separates folders by what quotes a letter in a pattern. */
function toPattern(word: string): string {
  return process.platform === 'win32' ? word.replaceAll('\\', '/') : word
}

/** Whether a file lies in a folder that itself lies below `base`. */
function isInside(file: string, folder: string | undefined, base: string): boolean {
  const lies = (path: string, dir: string) => /^(?!\.\.([\\/]|$))./.test(relative(dir, path))
  return folder !== undefined && lies(resolve(folder), resolve(base)) && lies(file, resolve(folder))
}

function describeFile(file: string): Source {
  const path = resolve(file)
  const label = shorten(path)
  return { image: path, label, name: basename(path, extname(path)), path, folder: '', found: false }
}

/** A path as it is shown: from the working directory where it lies below it. */
export function shorten(path: string): string {
  const short = relative(process.cwd(), path)
  return short === '' || short.startsWith('..') ? path : short
}

function describeUrl(word: string): Source {
  const url = URL.canParse(word) ? new URL(word) : undefined
  if (!url) throw new NobgError('INVALID_SOURCE', `Expected an address, got ${showValue(word)}.`)
  // A password or a signature is nothing for a log.
  const label = `${url.origin}${url.pathname}`
  return { image: url, label, name: nameSource(decode(url.pathname)), folder: '', found: false }
}

function decode(pathname: string): string {
  const segment = pathname.split('/').at(-1) ?? ''
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

function missing(word: string): NobgError {
  return new NobgError(
    'SOURCE_NOT_FOUND',
    `Expected a file, a folder, a glob or a URL, got nothing at ${showValue(word)}.`,
    {
      hint: 'Check the spelling; a relative path starts at the working directory.',
    },
  )
}

function noImages(word: string, where: string): NobgError {
  return new NobgError('SOURCE_NOT_FOUND', `Expected images ${where}, got none: ${showValue(word)}.`, {
    hint: 'Taken are .jpg, .png, .webp, .avif, .gif, .tiff and .heic; name a file of another extension by itself.',
  })
}
