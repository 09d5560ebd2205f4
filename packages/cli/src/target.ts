import { NobgError } from '@nobg/core'
import { type Source, shorten } from './source.ts'

/** What is written for one source. Paths are absolute. */
export interface Target {
  source: Source
  /** The cut-out's file, or a stream: an open file, a named pipe, a device. `/dev/stdout` for stdout. */
  file: string
  /** Whether `file` is written to as it is, and not replaced. */
  streams?: boolean
  maskFile?: string
}

type Files = Pick<Target, 'file' | 'streams' | 'maskFile'>

/** What stdout is called as a file. */
export const STDOUT = '/dev/stdout'

/** What file systems take for a name, in bytes of UTF-8; on Windows in letters. */
const LONGEST_NAME = 255

/** The files of a target: the cut-out's and the mask's. A stream is none. */
export function filesOf({ file, streams, maskFile }: Files): string[] {
  return streams ? [] : [file, maskFile].filter(path => path !== undefined)
}

/** A name that no file system takes is better heard of before the work than after it. */
export function refuseLongName(files: Files): NobgError | undefined {
  const measure = (name: string) => (process.platform === 'win32' ? name.length : Buffer.byteLength(name))
  for (const file of filesOf(files)) {
    const length = Math.max(...file.split(/[\\/]/).map(measure))
    if (length > LONGEST_NAME) return refuseLength(shorten(file), length)
  }
  return undefined
}

function refuseLength(file: string, length: number): NobgError {
  return new NobgError(
    'INVALID_OPTION',
    `Expected file names of at most ${LONGEST_NAME} bytes, got ${length} in ${file}.`,
    { hint: 'Rename the picture, or name the file of its cut-out: -o cutout.png' },
  )
}
