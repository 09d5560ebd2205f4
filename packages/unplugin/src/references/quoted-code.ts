import { findCssRanges } from './css.ts'
import { findEmbeddedTexts, findHtmlRanges } from './html.ts'
import { MARKED_TEXT } from './reference.ts'
import { type FoundString, findStrings } from './strings.ts'

/**
 * Replaces the strings of a script that only quote code with a marker by spaces. Documentation has such strings: sources of
 * Markdown, highlighted code, the code given to `<Code>`, and the texts of `<code>` and `<pre>`.
 */
export function blankQuotedCode(code: string): string {
  return blankStrings(code, ({ text, isText }) => isText || quotesCode(text))
}

/** Replaces the strings of a script that have a marker and pass a test by spaces. */
export function blankStrings(code: string, isQuoted: (string: FoundString) => boolean): string {
  if (!MARKED_TEXT.test(code)) return code
  const parts: string[] = []
  let end = 0
  const pieces = findStrings(code, text => MARKED_TEXT.test(text))
    .filter(isQuoted)
    .flatMap(({ pieces }) => pieces)
  for (const piece of pieces.sort((one, other) => one.start - other.start)) {
    parts.push(code.slice(end, piece.start), ' '.repeat(piece.end - piece.start))
    end = piece.end
  }
  return parts.join('') + code.slice(end)
}

/** Whether a browser would load no marked image from a text. */
export function quotesCode(text: string): boolean {
  const strings = parseStrings(text)
  if (strings) return strings.every(({ text, isText }) => isText || quotesCode(text))
  // A string within a string is a token of highlighted code.
  if (/^\s*(["'`])[^"'`]*\1\s*$/.test(text)) return true
  const rest = stripMarkdownCode(text)
  if (!MARKED_TEXT.test(rest)) return true
  if (!/<[a-z]|&lt;/i.test(rest) || /<script\b/i.test(rest)) return false
  const { styles } = findEmbeddedTexts(rest)
  return [findHtmlRanges(rest), ...styles.map(css => findCssRanges(css, false))].every(
    ranges => ranges.length === 0,
  )
}

/**
 * The strings with a marker in JSON, or in rows of JSON, as React's server components send them. Astro stores the entries of
 * its collections as JSON.
 */
function parseStrings(text: string): FoundString[] | undefined {
  const rows = isJson(text) ? [text] : text.split('\n').filter(row => MARKED_TEXT.test(row))
  const values = rows.map(row => row.replace(ROW_START, ''))
  if (!values.every(isJson)) return undefined
  return values.flatMap(value => findStrings(value, string => MARKED_TEXT.test(string)))
}

/** The number and the type of a row. */
const ROW_START = /^[\da-f]+:[A-Z]*/

function isJson(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Markdown without its quoted code: without fenced blocks, and without code spans in a line. */
function stripMarkdownCode(text: string): string {
  let fence: string | undefined
  const lines = text.split('\n').filter(line => {
    const mark = /^[\s>]*(`{3,}|~{3,})/.exec(line)?.[1]
    if (fence === undefined) fence = mark
    else if (mark?.startsWith(fence)) fence = undefined
    else return false
    return mark === undefined
  })
  return lines.map(line => line.replace(/`[^`]*`/g, '')).join('\n')
}
