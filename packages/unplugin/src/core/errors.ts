import { type ErrorCode, NobgError } from '@nobg/core'
import { type Location, locateText } from '../references/locate.ts'

/** An error with the location of the import, in the form that Rollup, Rolldown and Vite show. */
export interface LocatedError extends Error {
  code: ErrorCode | undefined
  /** The file that contains the reference. */
  id: string | undefined
  loc: { file: string; line: number; column: number; lineText: string } | undefined
  frame: string | undefined
}

/** The place of a reference. */
export interface ImportSite {
  /** The reference as written. */
  text: string
  /** Absolute path of the file that contains the reference. */
  importer: string | undefined
  /** The location of the reference, if already known. */
  location?: Location
}

/** Creates the error of an image: image, reason, hint, import text, importer, line and column. */
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
    // The stack leads into this plugin. The mistake is at `loc`.
    ...(expected && { stack: '' }),
    code: expected ? cause.code : undefined,
    id: importer,
    loc: location && pickPlace(location),
    frame: location?.frame,
  })
}

/** Creates the error of the plugin's options: reason and hint. */
export function explainOptions(cause: unknown): Error {
  const message = ["nobg: in the plugin's options:", ...describeCause(cause)].join('\n  ')
  const error = new Error(message, cause instanceof NobgError ? undefined : { cause })
  // Some hosts print the stack instead of the message.
  return cause instanceof NobgError ? Object.assign(error, { stack: message }) : error
}

function describeCause(cause: unknown): string[] {
  if (cause instanceof NobgError) {
    // All lines of core's messages matter, such as the tried addresses.
    const reason = cause.message.replaceAll('\n', '\n  ')
    return cause.hint ? [reason, spellHint(cause.hint)] : [reason]
  }
  // The other lines of libvips repeat the first line.
  return [(cause instanceof Error ? cause.message : String(cause)).split('\n')[0]]
}

/** A hint of core with query words and options of the plugin in place of options and config fields. */
function spellHint(hint: string): string {
  return hint
    .replace(/\{ (\w+): '([\w-]+)' \}/g, '?nobg&$1=$2')
    .replace(/\bthe config (?=\w+: ')/g, 'the plugin option ')
    .replace(/` in the config\b/g, '` in the options of the plugin')
}

function pickPlace({ file, line, column, lineText }: Location): LocatedError['loc'] {
  return { file, line, column, lineText }
}
