import { type ErrorCode, NobgError } from '@nobg/core'
import { firstLineOf, optionNames } from '@nobg/core/internal'
import { type Location, locateText } from '../references/locate.ts'

/** An error with the location of the import, in the form that Rollup, Rolldown and Vite show. */
export interface LocatedError extends Error {
  code: ErrorCode | undefined
  /** The file that contains the reference. */
  id: string | undefined
  loc: { file: string; line: number; column: number; lineText: string } | undefined
  frame: string | undefined
  /** Length of the reference in UTF-16 code units. */
  length: number
}

/** One import of a picture. */
export interface ImportSite {
  /** The reference as written. */
  text: string
  /** Absolute path of the file that contains the reference. */
  importer: string | undefined
  /** The host's id of the module or page that contains the reference. */
  importerId?: string
  /** The location of the reference, if already known. */
  location?: Location
}

/** The location of an import; undefined if its text is not found. */
function locateSite({ text, importer, location }: ImportSite): Location | undefined {
  return location ?? (importer === undefined ? undefined : locateText(importer, text))
}

/** Where an import is: ` from /src/main.js:2:15`; empty if unknown. */
export function describePlace(site: ImportSite, location: Location | undefined = locateSite(site)): string {
  const place = location ? `${location.file}:${location.line}:${location.column + 1}` : site.importer
  return place ? ` from ${place}` : ''
}

/**
 * Creates the error of an image. The first line has the reason and the image, because many hosts show only that line. Then
 * follow the hint and the import: its text, importer, line and column.
 */
export function explainError(cause: unknown, source: string, site: ImportSite): LocatedError {
  const { text, importer } = site
  const location = locateSite(site)
  const [reason, ...more] = describeCause(cause)
  const lines = [
    `nobg: ${addSource(reason, source)}`,
    ...more,
    `Imported as '${text}'${describePlace(site, location)}`,
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
    length: text.length,
  })
}

/** Creates the error of the plugin's options: reason and hint. */
export function explainOptions(cause: unknown): Error {
  const [reason, ...more] = describeCause(cause)
  const message = [`nobg: in the plugin's options: ${reason}`, ...more].join('\n  ')
  const error = new Error(message, cause instanceof NobgError ? undefined : { cause })
  // Some hosts print the stack instead of the message.
  return cause instanceof NobgError ? Object.assign(error, { stack: message }) : error
}

/** Names the image after the reason: `Expected an image file, got nothing at this path: /src/cat.jpg`. */
function addSource(reason: string, source: string): string {
  if (reason.includes(source)) return reason
  // A list follows.
  if (reason.endsWith(':')) return `${reason.slice(0, -1)} for ${source}:`
  return `${reason.replace(/\.$/, '')}: ${source}`
}

/** The lines of a message: the reason first, the hint last. */
function describeCause(cause: unknown): string[] {
  if (cause instanceof NobgError) {
    // All lines of core's messages matter, such as the tried addresses.
    const lines = cause.message.split('\n')
    return cause.hint ? [...lines, spellHint(cause.hint)] : lines
  }
  // The other lines of libvips repeat the first line.
  return [findForeignReason(cause) ?? firstLineOf(cause)]
}

/** The reason of a host's error that wraps the error of another plugin, such as SvelteKit's: two lines, a code and a sentence. */
function findForeignReason(cause: unknown): string | undefined {
  let inner = cause
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause
  if (inner === cause || !(inner instanceof Error)) return undefined
  const lines = inner.message
    .split('\n')
    .filter(line => !/^\s*(?:\[plugin |https?:)/.test(line) && line.trim())
  return lines.length > 0 ? lines.slice(0, 2).join(': ') : undefined
}

function isOption(name: string): boolean {
  return (optionNames as readonly string[]).includes(name)
}

/** A hint of core with query words and options of the plugin in place of options and config fields. */
function spellHint(hint: string): string {
  return hint
    .replace(/\{ (\w+): '([\w-]+)' \}/g, '?nobg&$1=$2')
    .replace(/\bthe config field (?=\w+: ')/g, 'the plugin option ')
    .replace(/` in the config\b/g, '` in the options of the plugin')
    .replace(/`(\w+)`(?! in the options)/g, (text, name) => (isOption(name) ? `\`&${name}\`` : text))
}

function pickPlace({ file, line, column, lineText }: Location): LocatedError['loc'] {
  return { file, line, column, lineText }
}
