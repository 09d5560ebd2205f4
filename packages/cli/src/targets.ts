import { statSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { NobgError, type Options } from '@nobg/core'
import { type Source, shorten } from './inputs.ts'

/** What is written for one source. Paths are absolute. */
export interface Target {
  source: Source
  /** The cut-out's file; `undefined` for stdout. */
  file: string | undefined
  maskFile?: string
}

export interface TargetSettings {
  /** `-o`: a file, a folder, or `-` for stdout. */
  output?: string
  format: Options['outputFormat']
  mask: boolean
  overwrite: boolean
}

/** Where everything goes, and the sources left out because they are where it goes. */
export interface TargetPlan {
  targets: Target[]
  /** Files that were found, not named, and that are the target of another source: cut-outs of an earlier run. */
  leftOut: Source[]
}

const EXTENSION = /\.(png|webp|avif)$/i

/** What `-o` says: one file, a folder for all, stdout, or nothing. */
type Place = { kind: 'file' | 'folder' | 'stdout' | 'beside'; path: string }

/** The format that the extension of `-o out.webp` names. */
export function formatOf(output: string | undefined): Options['outputFormat'] | undefined {
  if (output === undefined || readPlace(output).kind !== 'file') return undefined
  return EXTENSION.exec(output)?.[1].toLowerCase() as Options['outputFormat']
}

/** The folder of `-o`, absolute; `undefined` where `-o` is none. */
export function outputFolderOf(output: string | undefined): string | undefined {
  const place = readPlace(output)
  return place.kind === 'folder' ? place.path : undefined
}

/**
 * Decides what is written for each source: below `-o` with the tree kept, else beside the source, under the source's
 * name with the format's extension; where that is the source itself, `photo-nobg.png`.
 *
 * @throws {NobgError} INVALID_OPTION before anything is done, where two sources would write the same file, one would be
 *   written over, or several go to one file.
 */
export function planTargets(sources: readonly Source[], settings: TargetSettings): TargetPlan {
  const place = readPlace(settings.output)
  if (place.kind === 'file' && extname(place.path).slice(1).toLowerCase() !== settings.format)
    throw wrongExtension(settings.output, settings.format)
  if (sources.length > 1 && (place.kind === 'file' || place.kind === 'stdout')) {
    throw refuse(
      `-o ${settings.output}: expected one picture, got ${sources.length}.`,
      'Give a folder: -o cutouts/',
    )
  }
  const all = sources.map(source => planTarget(source, place, settings))
  // A mask of an earlier run is no picture either, whether or not masks are wanted now.
  const written = new Set(all.flatMap(target => possibleFilesOf(target).map(fold)))
  const isEarlier = ({ source: { path, found } }: Target) =>
    found && !settings.overwrite && path !== undefined && written.has(fold(path))
  const targets = all.filter(target => !isEarlier(target))
  refuseCollisions(targets)
  return { targets, leftOut: all.filter(isEarlier).map(({ source }) => source) }
}

/** The files of a target: the cut-out's and the mask's. */
export function filesOf({ file, maskFile }: Target): string[] {
  return [file, maskFile].filter(path => path !== undefined)
}

function possibleFilesOf({ file, maskFile }: Target): string[] {
  return file ? [file, maskFile ?? file.replace(/(\.\w+)$/, '-mask$1')] : []
}

function readPlace(output: string | undefined): Place {
  if (output === undefined) return { kind: 'beside', path: '' }
  if (output === '-') return { kind: 'stdout', path: '' }
  if (output === '') throw refuse('-o: expected a file, a folder or -, got no name.')
  const path = resolve(output)
  const isFolder = /[\\/]$/.test(output) || statSync(path, { throwIfNoEntry: false })?.isDirectory()
  if (isFolder || extname(path) === '') return { kind: 'folder', path }
  return { kind: 'file', path }
}

function planTarget(source: Source, place: Place, { format, mask }: TargetSettings): Target {
  const isPiped = source.label === 'stdin' && place.kind === 'beside'
  if (place.kind === 'stdout' || isPiped) {
    if (mask)
      throw refuse('--mask: expected a file to write it beside, got stdout.', 'Give -o portrait.png as well.')
    return { source, file: undefined }
  }
  const stem =
    place.kind === 'file' ? place.path.slice(0, -extname(place.path).length) : stemOf(source, place)
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

function stemOf({ name, path, folder }: Source, place: Place): string {
  if (place.kind === 'folder') return join(place.path, folder, name)
  return path ? join(dirname(path), name) : resolve(name)
}

function refuseCollisions(targets: readonly Target[]): void {
  const writers = new Map<string, Source>()
  const paths = new Map(targets.flatMap(({ source }) => (source.path ? [[fold(source.path), source]] : [])))
  for (const target of targets) {
    for (const file of filesOf(target)) {
      const victim = paths.get(fold(file))
      if (victim)
        throw refuse(
          `${target.source.label}: expected to write a new file, got ${shorten(file)}, which is a source itself.`,
          'Give a folder for the cut-outs: -o cutouts/',
        )
      const other = writers.get(fold(file))
      if (other)
        throw refuse(
          `Expected a file of its own for each picture, got ${shorten(file)} for ${other.label} and for ${target.source.label}.`,
          hintApart(other, target.source),
        )
      writers.set(fold(file), target.source)
    }
  }
}

function hintApart({ path }: Source, other: Source): string {
  return path && other.path && dirname(path) === dirname(other.path)
    ? `Rename one of the two, or take the kinds one by one: nobg '${shorten(join(dirname(path), `*${extname(path)}`))}'.`
    : 'Cut them out one at a time with -o, or give their common folder, whose tree -o keeps.'
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

/** The same file on a file system that ignores case is the same target. */
function fold(path: string): string {
  return path.normalize('NFC').toLowerCase()
}

function refuse(message: string, hint?: string): NobgError {
  return new NobgError('INVALID_OPTION', message, { hint })
}
