import { type CSSToken, TokenType, tokenize } from '@csstools/css-tokenizer'
import { parseUrlReference, type Reference } from './reference.ts'
import type { TextRange } from './text-range.ts'

/**
 * Finds the marked strings and `url()`s of a style sheet: in declarations, `image-set()`, custom properties and
 * preprocessor variables. SCSS, Less, Sass and Stylus work too, because they use the tokens of CSS.
 *
 * @param lineComments whether `//` starts a comment, as in every dialect except CSS itself.
 */
export function findCssRanges(css: string, lineComments: boolean): TextRange[] {
  const tokens = tokenize({ css })
  const ranges: TextRange[] = []
  let commentEnd = 0
  for (const [index, token] of tokens.entries()) {
    const [, , start, last] = token
    if (start < commentEnd) continue
    if (lineComments && isSlash(token) && isSlash(tokens[index + 1])) commentEnd = endOfLine(css, start)
    const reference = readReference(token)
    if (reference) ranges.push({ start, end: last + 1, references: [reference], write: writerOf(token, css) })
  }
  return ranges
}

function readReference(token: CSSToken): Reference | undefined {
  if (token[0] !== TokenType.String && token[0] !== TokenType.URL) return undefined
  const { value } = token[4]
  // A preprocessor fills in the value: only its output has the real reference.
  return /[#@$]\{/.test(value) ? undefined : parseUrlReference(value)
}

function writerOf(token: CSSToken, css: string): TextRange['write'] {
  const quote = (url: string) => `"${url.replace(/["\\]/g, '\\$&')}"`
  return ([url]) => {
    if (url === undefined) return css.slice(token[2], token[3] + 1)
    return token[0] === TokenType.URL ? `url(${quote(url)})` : quote(url)
  }
}

function isSlash(token: CSSToken | undefined): boolean {
  return token?.[0] === TokenType.Delim && token[4].value === '/'
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end < 0 ? text.length : end
}
