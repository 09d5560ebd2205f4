import type { PartialMessage } from 'esbuild'
import type { LocatedError } from '../core/errors.ts'

/** The error in the form of esbuild, which writes the plugin's name before the text. */
export function toMessage(error: LocatedError): PartialMessage {
  const { message, loc, length } = error
  // esbuild counts bytes of UTF-8.
  const location = loc && {
    ...loc,
    column: Buffer.byteLength(loc.lineText.slice(0, loc.column)),
    length: Buffer.byteLength(loc.lineText.slice(loc.column, loc.column + length)),
  }
  return { text: message.replace(/^nobg: /, ''), location, detail: error }
}
