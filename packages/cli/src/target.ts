import { NobgError } from '@nobg/core'
import { type NamedSource, shorten } from './named-source.ts'

/** Output files of one source. Paths are absolute. */
export interface Target {
  source: NamedSource
  /** The cutout file, or a stream: an open file, a named pipe, a device. `/dev/stdout` for stdout. */
  file: string
  /** Whether `file` is a stream: it is written to, not replaced. */
  streams?: boolean
  maskFile?: string
}

type Files = Pick<Target, 'file' | 'streams' | 'maskFile'>

/** Path of stdout. */
export const STDOUT = '/dev/stdout'

/** Longest file name of common file systems: bytes of UTF-8, on Windows UTF-16 units. */
const LONGEST_NAME = 255

/** Files of a target: cutout and mask. Empty for a stream. */
export function filesOf({ file, streams, maskFile }: Files): string[] {
  return streams ? [] : [file, maskFile].filter(path => path !== undefined)
}

/** Checks the length of names before inference. @returns an error if a name is too long */
export function findLongName(files: Files): NobgError | undefined {
  const measure = (name: string) => (process.platform === 'win32' ? name.length : Buffer.byteLength(name))
  for (const file of filesOf(files)) {
    const length = Math.max(...file.split(/[\\/]/).map(measure))
    if (length > LONGEST_NAME) return nameTooLong(shorten(file), length)
  }
  return undefined
}

function nameTooLong(file: string, length: number): NobgError {
  return new NobgError(
    'INVALID_OPTION',
    `Expected file names of at most ${LONGEST_NAME} bytes, got ${length} in ${file}.`,
    { hint: 'Rename the picture, or name the file of its cutout: -o cutout.png' },
  )
}
