import { getSystemErrorMessage } from 'node:util'
import { NobgError } from '@nobg/core'
import { showValue } from '@nobg/core/internal'

/** What a word leads to that names nothing. */
export function missing(word: string): NobgError {
  return new NobgError(
    'SOURCE_NOT_FOUND',
    `Expected a file, a folder, a glob or a URL, got nothing at ${showValue(word)}.`,
    { hint: 'Check the spelling; a relative path starts at the working directory.' },
  )
}

/** A file or folder that the system does not let us read. */
export function unreadable(path: string, cause: NodeJS.ErrnoException): NobgError {
  const reason = cause.errno === undefined ? cause.message : getSystemErrorMessage(cause.errno)
  return new NobgError(
    'SOURCE_NOT_FOUND',
    `Expected a file or a folder that can be read, got: ${reason}: ${showValue(path)}.`,
    {
      hint: 'See that this user may read it, and that the path is right.',
      cause,
    },
  )
}

/** A folder or a glob without images. */
export function noImages(word: string, where: string): NobgError {
  return new NobgError('SOURCE_NOT_FOUND', `Expected images ${where}, got none: ${showValue(word)}.`, {
    hint: 'Taken are .jpg, .png, .webp, .avif, .gif, .tiff and .heic; name a file of another extension by itself.',
  })
}

/** Every file that was found is one that this program wrote. */
export function nothingButOwn(): NobgError {
  return new NobgError(
    'SOURCE_NOT_FOUND',
    'Expected photographs, got nothing but cut-outs that nobg wrote.',
    {
      hint: 'Name a cut-out by itself to cut it out again.',
    },
  )
}
