import { type ErrorCode, NobgError } from '@nobg/core'
import { type Location, locateText } from '../references/locate.ts'

/** An error as Rollup and its kin display it: with the place of the import. */
export interface LocatedError extends Error {
  code: ErrorCode | undefined
  /** The file that holds the reference. */
  id: string | undefined
  loc: { file: string; line: number; column: number; lineText: string } | undefined
  frame: string | undefined
}

/** Where a reference stands. */
export interface ImportSite {
  /** The reference as it is written. */
  text: string
  /** Absolute path of the file that holds it. */
  importer: string | undefined
  /** Its place, where it is known already. */
  location?: Location
}

/** Says what is wrong with an image, and who asked for it: image, reason, hint, import text, importer, line and column. */
export function explainError(cause: unknown, source: string, site: ImportSite): LocatedError {
  const { text, importer } = site
  const location = site.location ?? (importer === undefined ? undefined : locateText(importer, text))
  const place = location ? `${location.file}:${location.line}:${location.column + 1}` : importer
  const lines = [
    `nobg: ${source}`,
    ...describeCause(cause),
    `Imported as '${text}'${place ? ` from ${place}` : ''}`,
  ]
  const expected = cause instanceof NobgError
  const error = new Error(lines.join('\n  '), expected ? undefined : { cause })
  return Object.assign(error, {
    // The stack would lead into this plugin; what is to be mended is at `loc`.
    ...(expected && { stack: '' }),
    code: expected ? cause.code : undefined,
    id: importer,
    loc: location && pickPlace(location),
    frame: location?.frame,
  })
}

/** Says what is wrong with the plugin's own options: reason and hint. */
export function explainOptions(cause: unknown): Error {
  const message = ["nobg: in the plugin's options:", ...describeCause(cause)].join('\n  ')
  const error = new Error(message, cause instanceof NobgError ? undefined : { cause })
  // What prints the stack instead of the message would lead into this plugin.
  return cause instanceof NobgError ? Object.assign(error, { stack: message }) : error
}

function describeCause(cause: unknown): string[] {
  if (cause instanceof NobgError) {
    // Core's own lines, such as the addresses that were tried, all say something.
    const reason = cause.message.replaceAll('\n', '\n  ')
    return cause.hint ? [reason, cause.hint] : [reason]
  }
  // libvips repeats itself over many lines; the first says it.
  return [(cause instanceof Error ? cause.message : String(cause)).split('\n')[0]]
}

function pickPlace({ file, line, column, lineText }: Location): LocatedError['loc'] {
  return { file, line, column, lineText }
}
