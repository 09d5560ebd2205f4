import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { NobgError } from '@nobg/core'
import { fold } from './inputs.ts'
import { type Source, shorten } from './source.ts'
import { filesOf, type Target } from './target.ts'

/**
 * Finds the targets that would write a file that another one writes too, or a source. Names that differ in nothing but case
 * or in the composition of their letters are one name, unless the file system is seen to keep them apart.
 *
 * @returns an error for each of them
 */
export function findCollisions(targets: readonly Target[]): Map<Target, NobgError> {
  const writers = groupBy(targets.flatMap(target => filesOf(target).map(file => ({ file, target }))))
  const sources = groupBy(
    targets.flatMap(target => (target.source.path ? [{ file: target.source.path, target }] : [])),
  )
  const found = new Map<Target, NobgError>()
  for (const target of targets) {
    for (const file of filesOf(target)) {
      const victim = sources
        .get(fold(file))
        ?.find(other => isSame(file, other.file, target.source, other.target.source))
      const rival = writers
        .get(fold(file))
        ?.find(
          other => other.target !== target && isSame(file, other.file, target.source, other.target.source),
        )
      if (victim) found.set(target, refuseVictim(target.source, file))
      else if (rival) found.set(target, refuseRival(target.source, rival.target.source, file))
    }
  }
  return found
}

interface Place {
  file: string
  target: Target
}

function groupBy(places: readonly Place[]): Map<string, Place[]> {
  const groups = new Map<string, Place[]>()
  for (const place of places) {
    const group = groups.get(fold(place.file))
    if (group) group.push(place)
    else groups.set(fold(place.file), [place])
  }
  return groups
}

/** Whether two files whose folded names are equal are one. */
function isSame(file: string, other: string, source: Source, otherSource: Source): boolean {
  return file === other || !areKeptApart(source, otherSource, file)
}

/** Two sources whose names differ in case alone show what their file system does with the files to come. */
function areKeptApart({ path }: Source, { path: other }: Source, file: string): boolean {
  if (!path || !other || path === other || fold(path) !== fold(other)) return false
  return deviceOf(dirname(path)) === deviceOf(dirname(file))
}

/** The file system of a folder, or of the nearest one above it that exists. */
function deviceOf(folder: string): number | undefined {
  const stats = statSync(folder, { throwIfNoEntry: false })
  return stats || dirname(folder) === folder ? stats?.dev : deviceOf(dirname(folder))
}

function refuseVictim({ label }: Source, file: string): NobgError {
  return new NobgError(
    'INVALID_OPTION',
    `${label}: expected to write a new file, got ${shorten(file)}, which is a source itself.`,
    { hint: 'Give a folder for the cut-outs: -o cutouts/' },
  )
}

function refuseRival({ label }: Source, other: Source, file: string): NobgError {
  return new NobgError(
    'INVALID_OPTION',
    `Expected a file of its own for each picture, got ${shorten(file)} for ${label} and for ${other.label}.`,
    { hint: 'Cut them out one at a time with -o, or give their common folder, whose tree -o keeps.' },
  )
}
