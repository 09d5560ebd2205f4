import { getSystemErrorMessage } from 'node:util'
import { NobgError } from '@nobg/core'
import { showValue, suggestFile } from '@nobg/core/internal'

/** The error of a word that names no file. */
export function missing(word: string): NobgError {
  return new NobgError(
    'SOURCE_NOT_FOUND',
    `Expected a file, a folder, a glob or a URL, got nothing at ${showValue(word)}.`,
    { hint: suggestFile(word) ?? 'Check the spelling; a relative path starts at the working directory.' },
  )
}

/** The error of a file or folder that cannot be read. */
export function unreadable(path: string, cause: NodeJS.ErrnoException): NobgError {
  const reason = cause.errno === undefined ? cause.message : getSystemErrorMessage(cause.errno)
  return new NobgError(
    'SOURCE_NOT_FOUND',
    `Expected a file or a folder that can be read, got: ${reason}: ${showValue(path)}.`,
    {
      hint: 'Check the path and the permissions.',
      cause,
    },
  )
}

/** The error of a folder or a glob without images. */
export function noImages(word: string, where: string): NobgError {
  return new NobgError('SOURCE_NOT_FOUND', `Expected images ${where}, got none: ${showValue(word)}.`, {
    hint: 'nobg takes .jpg, .png, .webp, .avif, .gif, .tiff and .heic. To process a file with another extension, give its path.',
  })
}

/** The error of a folder in which nobg wrote every file. */
export function onlyCutouts(): NobgError {
  return new NobgError('SOURCE_NOT_FOUND', 'Expected photographs, got only cutouts that nobg wrote.', {
    hint: 'To process a cutout again, give only its path.',
  })
}
