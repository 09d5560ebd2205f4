/** Deepest nesting of a body. fal's inputs have one or two levels. */
const MAX_DEPTH = 32
/** Most values of a body: fields and elements. fal's inputs have about 20. */
const MAX_VALUES = 1000
/** Most characters outside of texts, and backslashes before quotes in them. Only a text can be long: a data URI. */
const MAX_SYNTAX = 100_000

/**
 * Checks depth, number of values and syntax of a JSON text before it is parsed: the parser would make millions of objects, or
 * read a number of millions of digits. Takes little time whatever the length, and accepts texts that are not JSON.
 *
 * @returns what was expected; undefined if the text is within the limits
 */
export function findExcess(text: string): string | undefined {
  let depth = 0
  let values = 1
  let syntax = 0
  for (let at = 0; at < text.length; at++) {
    syntax++
    const character = text[at]
    if (character === '"') {
      const found = findEndOfString(text, at, MAX_SYNTAX - syntax)
      at = found.end
      syntax += found.backslashes
    } else if (character === '}' || character === ']') depth--
    else if (character === ',') values++
    else if (character === '{' || character === '[') {
      depth++
      values++
    }
    if (depth > MAX_DEPTH) return `Expected JSON of at most ${MAX_DEPTH} levels.`
    if (values > MAX_VALUES) return `Expected JSON with at most ${MAX_VALUES} values.`
    if (syntax > MAX_SYNTAX)
      return `Expected JSON with at most ${MAX_SYNTAX} characters outside of texts, and backslashes before quotes.`
  }
  return undefined
}

/**
 * @returns the position of the closing quote, the length of the text if there is none; and how many backslashes precede quotes,
 *   counted up to `most`
 */
function findEndOfString(text: string, start: number, most: number): { end: number; backslashes: number } {
  let backslashes = 0
  for (let end = start; ; ) {
    end = text.indexOf('"', end + 1)
    if (end === -1) return { end: text.length, backslashes }
    const before = countBackslashes(text, end, most - backslashes)
    backslashes += before
    // An even number of backslashes are backslashes of the text.
    if (before % 2 === 0 || backslashes > most) return { end, backslashes }
  }
}

/** Counts the backslashes before a quote, at most one more than `most`. They are counted once, for that quote. */
function countBackslashes(text: string, at: number, most: number): number {
  let start = at
  while (text[start - 1] === '\\' && at - start <= most) start--
  return at - start
}
