import { statSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { getSystemErrorMessage } from 'node:util'
import { NobgError, type Options } from '@nobg/core'
import { findCollisions } from './collisions.ts'
import { fold, type Miss } from './inputs.ts'
import { type Source, shorten } from './source.ts'
import { isStream } from './streams.ts'
import { refuseLongName, STDOUT, type Target } from './target.ts'

export interface TargetSettings {
  /** `-o`: a file, a folder, a pipe or device, or `-` for stdout. */
  output?: string
  format: Options['outputFormat']
  mask: boolean
}

/** Where everything goes, and the sources that can go nowhere. */
export interface TargetPlan {
  targets: Target[]
  misses: Miss[]
  /** Sources whose cut-outs carry the whole name of the source, since another one has the same name without extension. */
  renamed: Source[]
}

const EXTENSION = /\.(png|webp|avif)$/i

/** What `-o` says: one file, a folder for all, a stream, or nothing. */
type Place = { kind: 'file' | 'folder' | 'stream' | 'beside'; path: string }

/** The format that the extension of `-o out.webp` names. */
export function formatOf(output: string | undefined): Options['outputFormat'] | undefined {
  const { kind, path } = readPlace(output)
  if (kind !== 'file' && kind !== 'stream') return undefined
  return EXTENSION.exec(path)?.[1].toLowerCase() as Options['outputFormat']
}

/** The folder of `-o`, absolute; `undefined` where `-o` is none. */
export function outputFolderOf(output: string | undefined): string | undefined {
  const place = readPlace(output)
  return place.kind === 'folder' ? place.path : undefined
}

/** The stream of `-o`, absolute; `undefined` where `-o` is none. */
export function outputStreamOf(output: string | undefined): string | undefined {
  const place = readPlace(output)
  return place.kind === 'stream' ? place.path : undefined
}

/**
 * Decides what is written for each source: below `-o` with the tree kept, else beside the source, under the source's
 * name with the format's extension; where that is the source itself, `photo-nobg.png`; where another source has or is that file,
 * `photo.jpg.png`. A source whose file even then belongs to another, or whose file's name is too long, is a miss.
 *
 * @throws {NobgError} INVALID_OPTION where the flags contradict one another, or several sources go to one file.
 */
export function planTargets(sources: readonly Source[], settings: TargetSettings): TargetPlan {
  const place = readPlace(settings.output)
  if (place.kind === 'file' && extname(place.path).slice(1).toLowerCase() !== settings.format)
    throw wrongExtension(settings.output, settings.format)
  if (sources.length > 1 && (place.kind === 'file' || place.kind === 'stream')) {
    throw refuse(
      `-o ${settings.output}: expected one picture, got ${sources.length}.`,
      'Give a folder: -o cutouts/',
    )
  }
  const plain = sources.map(source => planTarget(source, place, settings))
  const colliding = findCollisions(plain)
  const all = plain.map(target =>
    colliding.has(target) && target.source.path
      ? planTarget(target.source, place, settings, basename(target.source.path))
      : target,
  )
  const hopeless = findCollisions(all)
  const misses: Miss[] = []
  const targets = all.filter((target, index) => {
    // The short name says better what is wrong.
    const error = hopeless.has(target)
      ? (colliding.get(plain[index]) ?? hopeless.get(target))
      : refuseLongName(target)
    if (error) misses.push({ label: target.source.label, error })
    return !error
  })
  const renamed = all.filter((target, index) => target !== plain[index] && targets.includes(target))
  return { targets, misses, renamed: renamed.map(({ source }) => source) }
}

function readPlace(output: string | undefined): Place {
  if (output === undefined) return { kind: 'beside', path: '' }
  if (output === '-') return { kind: 'stream', path: STDOUT }
  if (output === '') throw refuse('-o: expected a file, a folder or -, got no name.')
  const path = resolve(output)
  const endsInSlash = /[\\/]$/.test(output)
  try {
    if (!endsInSlash && isStream(path)) return { kind: 'stream', path }
    const isFolder = endsInSlash || statSync(path, { throwIfNoEntry: false })?.isDirectory()
    return { kind: isFolder || extname(path) === '' ? 'folder' : 'file', path }
  } catch (error) {
    const { errno = 0 } = error as NodeJS.ErrnoException
    throw refuse(
      `-o ${output}: expected a path that can be written, got: ${getSystemErrorMessage(errno)}.`,
      'Give another file or folder: -o cutouts/',
    )
  }
}

/** @param longName the source's name with its extension, where that without it is not enough */
function planTarget(
  source: Source,
  place: Place,
  { format, mask, output }: TargetSettings,
  longName?: string,
): Target {
  const hasNoPlace =
    source.path === undefined && typeof source.image === 'function' && place.kind === 'beside'
  if (place.kind === 'stream' || hasNoPlace) {
    const file = hasNoPlace ? STDOUT : place.path
    if (mask)
      throw refuse(
        `--mask: expected a file to write it beside, got ${output && output !== '-' ? output : 'stdout'}.`,
        'Give -o portrait.png as well.',
      )
    return { source, file, streams: true }
  }
  const stem =
    place.kind === 'file' ? place.path.slice(0, -extname(place.path).length) : stemOf(source, place, longName)
  const isItself = source.path !== undefined && fold(`${stem}.${format}`) === fold(source.path)
  if (isItself && place.kind === 'file')
    throw refuse(`-o ${shorten(place.path)}: expected another file than the source itself.`)
  const free = isItself ? `${stem}-nobg` : stem
  return {
    source,
    file: place.kind === 'file' ? place.path : `${free}.${format}`,
    ...(mask && { maskFile: `${free}-mask.${format}` }),
  }
}

function stemOf({ name, path, folder }: Source, place: Place, longName = name): string {
  if (place.kind === 'folder') return join(place.path, folder, longName)
  return path ? join(dirname(path), longName) : resolve(longName)
}

function wrongExtension(output: string | undefined, format: string): NobgError {
  const given = basename(output ?? '')
  return EXTENSION.test(given)
    ? refuse(`-o ${output}: expected a name that ends in .${format}, as --output-format says.`)
    : refuse(
        `-o ${output}: expected a name that ends in .png, .webp or .avif, the formats that nobg writes.`,
        'For a folder of that name write a slash behind it.',
      )
}

function refuse(message: string, hint?: string): NobgError {
  return new NobgError('INVALID_OPTION', message, { hint })
}
