import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { NobgError } from '@nobg/core'
import { fold } from './inputs.ts'
import { type NamedSource, shorten } from './named-source.ts'
import { filesOf, type Target } from './target.ts'

/**
 * Finds targets that would write the file of another target, or a source. Names that differ only in case or in Unicode
 * composition count as equal unless two sources show that the file system distinguishes them.
 *
 * @returns an error for each target that collides
 */
export function findCollisions(targets: readonly Target[]): Map<Target, NobgError> {
  const writers = groupBy(targets.flatMap(target => filesOf(target).map(file => ({ file, target }))))
  const sources = groupBy(
    targets.flatMap(target => (target.source.path ? [{ file: target.source.path, target }] : [])),
  )
  const found = new Map<Target, NobgError>()
  for (const target of targets) {
    for (const file of filesOf(target)) {
      const overwritten = sources
        .get(fold(file))
        ?.find(({ file: path, target: { source } }) => isSame(file, path, target.source, source))
      const other = writers
        .get(fold(file))
        ?.find(
          writer =>
            writer.target !== target && isSame(file, writer.file, target.source, writer.target.source),
        )
      if (overwritten) found.set(target, overwritesSource(target.source, file))
      else if (other) found.set(target, sharesFile(target.source, other.target.source, file))
    }
  }
  return found
}

interface TargetFile {
  file: string
  target: Target
}

function groupBy(files: readonly TargetFile[]): Map<string, TargetFile[]> {
  const groups = new Map<string, TargetFile[]>()
  for (const entry of files) {
    const group = groups.get(fold(entry.file))
    if (group) group.push(entry)
    else groups.set(fold(entry.file), [entry])
  }
  return groups
}

/** Whether two paths whose folded names are equal are one file. */
function isSame(file: string, other: string, source: NamedSource, otherSource: NamedSource): boolean {
  return file === other || !areDistinguished(source, otherSource, file)
}

/** Two sources whose names differ only in case prove that their file system distinguishes such names. */
function areDistinguished({ path }: NamedSource, { path: other }: NamedSource, file: string): boolean {
  if (!path || !other || path === other || fold(path) !== fold(other)) return false
  return deviceOf(dirname(path)) === deviceOf(dirname(file))
}

/** Id of the file system of a folder, or of its nearest parent that exists. */
function deviceOf(folder: string): number | undefined {
  const stats = statSync(folder, { throwIfNoEntry: false })
  return stats || dirname(folder) === folder ? stats?.dev : deviceOf(dirname(folder))
}

function overwritesSource({ label }: NamedSource, file: string): NobgError {
  return new NobgError(
    'INVALID_OPTION',
    `${label}: expected a new file for the cutout, got ${shorten(file)}, which is a source.`,
    { hint: 'Give a folder for the cutouts: -o cutouts/' },
  )
}

function sharesFile({ label }: NamedSource, other: NamedSource, file: string): NobgError {
  return new NobgError(
    'INVALID_OPTION',
    `Expected a different file for each picture, got ${shorten(file)} for ${label} and for ${other.label}.`,
    {
      hint: 'Process one picture at a time, each with another -o. Or give the common folder as the input and a folder to -o: nobg then creates the subfolders again.',
    },
  )
}
