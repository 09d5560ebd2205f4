import { statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { NobgError } from '../shared/errors.ts'

/** Extensions of a matte beside a photograph. */
const extensions = ['png', 'webp', 'tif', 'tiff', 'avif', 'jpg', 'jpeg', 'gif']

/** Whether a file is named as a matte beside a photograph: `ada.matte.png`. */
export function isOwnMatteName(path: string): boolean {
  return new RegExp(`.\\.matte\\.(?:${extensions.join('|')})$`, 'i').test(basename(path))
}

/** Paths at which a photograph's own matte is looked for: `ada.matte.png` and others beside `ada.jpg`. */
export function listOwnMattePaths(photograph: string): string[] {
  const stem = basename(photograph).replace(/(?<=.)\.[^.]*$/s, '')
  return extensions.map(extension => join(dirname(photograph), `${stem}.matte.${extension}`))
}

/**
 * Finds the matte that the user put beside a photograph.
 *
 * @returns its absolute path; `undefined` if there is none, or if the photograph is such a matte itself
 * @throws {NobgError} INVALID_MATTE if there are several
 */
export async function findOwnMatte(photograph: string): Promise<string | undefined> {
  if (isOwnMatteName(photograph)) return undefined
  const paths = listOwnMattePaths(photograph)
  const found = paths.filter(isFile)
  if (found.length < 2) return found[0]
  throw new NobgError(
    'INVALID_MATTE',
    `Expected one matte beside ${photograph}, got ${found.map(path => basename(path)).join(' and ')}.`,
    { hint: 'Delete or rename all but one of them.' },
  )
}

/** Synchronous: it takes microseconds, and eight rejected promises per picture would delay the page of a development server. */
function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
  } catch {
    return false
  }
}
