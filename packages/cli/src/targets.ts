import { statSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { getSystemErrorMessage } from 'node:util'
import { NobgError, type Options } from '@nobg/core'
import { findCollisions } from './collisions.ts'
import { fold, type InputFailure } from './inputs.ts'
import { type NamedSource, shorten } from './named-source.ts'
import { isStreamPath } from './streams.ts'
import { findLongName, STDOUT, type Target } from './target.ts'

export interface TargetSettings {
  /** `-o`: a file, a folder, a pipe or device, or `-` for stdout. */
  output?: string
  format: Options['outputFormat']
  mask: boolean
}

/** Output files of all sources, and the sources that have none. */
export interface TargetPlan {
  targets: Target[]
  inputFailures: InputFailure[]
  /** Sources whose cutouts keep the extension of the source in their name, because another source has the same name without it. */
  renamed: NamedSource[]
}

const EXTENSION = /\.(png|webp|avif)$/i

/** The kind of `-o`: one file, a folder, a stream, or none. */
type Output = { kind: 'file' | 'folder' | 'stream' | 'beside'; path: string }

/** The format that the extension of `-o out.webp` names. */
export function formatOf(output: string | undefined): Options['outputFormat'] | undefined {
  const { kind, path } = readOutput(output)
  if (kind !== 'file' && kind !== 'stream') return undefined
  return EXTENSION.exec(path)?.[1].toLowerCase() as Options['outputFormat']
}

/** Absolute path of `-o` if it is a folder. */
export function outputFolderOf(output: string | undefined): string | undefined {
  const place = readOutput(output)
  return place.kind === 'folder' ? place.path : undefined
}

/** Absolute path of `-o` if it is a stream. */
export function outputStreamOf(output: string | undefined): string | undefined {
  const place = readOutput(output)
  return place.kind === 'stream' ? place.path : undefined
}

/**
 * Chooses the output files of each source: below the folder of `-o`, or next to the source, with the extension of the format.
 * The name is `photo-nobg.png` if that file is the source itself, and `photo.jpg.png` if it collides with another source or
 * target. A source whose file still collides, or has a name that is too long, becomes a failure.
 *
 * @throws {NobgError} INVALID_OPTION if flags contradict one another, or several sources go to one file
 */
export function planTargets(sources: readonly NamedSource[], settings: TargetSettings): TargetPlan {
  const place = readOutput(settings.output)
  if (place.kind === 'file' && extname(place.path).slice(1).toLowerCase() !== settings.format)
    throw wrongExtension(settings.output, settings.format)
  if (sources.length > 1 && (place.kind === 'file' || place.kind === 'stream')) {
    throw invalidOption(
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
  const stillColliding = findCollisions(all)
  const inputFailures: InputFailure[] = []
  const targets = all.filter((target, index) => {
    // The error about the short name is easier to understand.
    const error = stillColliding.has(target)
      ? (colliding.get(plain[index]) ?? stillColliding.get(target))
      : findLongName(target)
    if (error) inputFailures.push({ label: target.source.label, error })
    return !error
  })
  const renamed = all.filter((target, index) => target !== plain[index] && targets.includes(target))
  return { targets, inputFailures, renamed: renamed.map(({ source }) => source) }
}

function readOutput(output: string | undefined): Output {
  if (output === undefined) return { kind: 'beside', path: '' }
  if (output === '-') return { kind: 'stream', path: STDOUT }
  if (output === '')
    throw invalidOption('-o: expected a file, a folder or -, got no name.', 'Give a folder: -o cutouts/')
  const path = resolve(output)
  const endsInSlash = /[\\/]$/.test(output)
  try {
    if (!endsInSlash && isStreamPath(path)) return { kind: 'stream', path }
    const isFolder = endsInSlash || statSync(path, { throwIfNoEntry: false })?.isDirectory()
    return { kind: isFolder || extname(path) === '' ? 'folder' : 'file', path }
  } catch (error) {
    const { errno = 0 } = error as NodeJS.ErrnoException
    throw invalidOption(
      `-o ${output}: expected a path that can be written, got: ${getSystemErrorMessage(errno)}.`,
      'Give another file or folder: -o cutouts/',
    )
  }
}

/** @param longName name of the source with its extension, if the name without it collides */
function planTarget(
  source: NamedSource,
  place: Output,
  { format, mask, output }: TargetSettings,
  longName?: string,
): Target {
  const isStdout = source.path === undefined && typeof source.image === 'function' && place.kind === 'beside'
  if (place.kind === 'stream' || isStdout) {
    const file = isStdout ? STDOUT : place.path
    if (mask)
      throw invalidOption(
        `--mask: expected a cutout that is a file, got ${output && output !== '-' ? output : 'stdout'}.`,
        'Give -o portrait.png as well.',
      )
    return { source, file, streams: true }
  }
  const stem =
    place.kind === 'file' ? place.path.slice(0, -extname(place.path).length) : stemOf(source, place, longName)
  const isItself = source.path !== undefined && fold(`${stem}.${format}`) === fold(source.path)
  if (isItself && place.kind === 'file')
    throw invalidOption(
      `-o ${shorten(place.path)}: expected a new file, got the source.`,
      'Give another name, or a folder: -o cutouts/',
    )
  const free = isItself ? `${stem}-nobg` : stem
  return {
    source,
    file: place.kind === 'file' ? place.path : `${free}.${format}`,
    ...(mask && { maskFile: `${free}-mask.${format}` }),
  }
}

function stemOf({ name, path, folder }: NamedSource, place: Output, longName = name): string {
  if (place.kind === 'folder') return join(place.path, folder, longName)
  return path ? join(dirname(path), longName) : resolve(longName)
}

function wrongExtension(output: string | undefined, format: string): NobgError {
  const given = basename(output ?? '')
  return EXTENSION.test(given)
    ? invalidOption(
        `-o ${output}: expected a name that ends in .${format}, the format of --output-format, got ${extname(given)}.`,
        'Change the name, or the flag --output-format.',
      )
    : invalidOption(
        `-o ${output}: expected a name that ends in .png, .webp or .avif, the formats that nobg writes, got ${extname(given) || 'no extension'}.`,
        'For a folder of this name, add a slash at the end.',
      )
}

function invalidOption(message: string, hint?: string): NobgError {
  return new NobgError('INVALID_OPTION', message, { hint })
}
