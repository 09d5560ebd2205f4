/** Deepest nesting of a body. fal's inputs have one or two levels. */
const MAX_DEPTH = 32
/** Most values of a body: fields and elements. fal's inputs have about 20. */
const MAX_VALUES = 1000

/**
 * Checks depth and number of values of a JSON text before it is parsed: the parser would make millions of objects. Takes time
 * in proportion to the length, and accepts texts that are not JSON.
 *
 * @returns what was expected; undefined if the text is within the limits
 */
export function findExcess(text: string): string | undefined {
  let depth = 0
  let values = 1
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '"') at = findEndOfString(text, at)
    else if (character === '}' || character === ']') depth--
    else if (character === ',') values++
    else if (character === '{' || character === '[') {
      depth++
      values++
    }
    if (depth > MAX_DEPTH) return `Expected JSON of at most ${MAX_DEPTH} levels.`
    if (values > MAX_VALUES) return `Expected JSON with at most ${MAX_VALUES} values.`
  }
  return undefined
}

/** @returns the position of the closing quote; the length of the text if there is none */
function findEndOfString(text: string, start: number): number {
  let end = start
  do end = text.indexOf('"', end + 1)
  while (end !== -1 && isEscaped(text, end))
  return end === -1 ? text.length : end
}

/** Whether an odd number of backslashes precedes. The backslashes before a quote are counted once, for that quote. */
function isEscaped(text: string, at: number): boolean {
  let start = at
  while (text[start - 1] === '\\') start--
  return (at - start) % 2 === 1
}
