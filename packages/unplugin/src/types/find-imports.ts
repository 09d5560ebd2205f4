import { parseReference, type Reference } from '../references/reference.ts'

const MARKER = /[?&;]nobg|\.nobg[.-]/g
const QUOTE = /["'`]/
/** The text before the string of an import. */
const IMPORT = /(?:\b(?:import|from|require)\s{0,9}\(?\s{0,9}|\*\/\s{0,9})$/
const CONTEXT_LENGTH = 32
/** Specifiers are shorter. */
const MAX_LENGTH = 1024

/**
 * Finds the marked imports in the source of a script or a component: `import`, `export … from`, `import()` and `require()`.
 * Nothing is parsed, so that every dialect works. A quoted import counts too.
 */
export function findMarkedImports(code: string): Reference[] {
  const found: Reference[] = []
  let done = 0
  for (const { index } of code.matchAll(MARKER)) {
    if (index < done) continue
    const start = findStart(code, index, Math.max(done, index - MAX_LENGTH))
    if (start === undefined) continue
    const quote = code[start - 1]
    done = findEnd(code, index, quote)
    if (code[done] !== quote || !IMPORT.test(code.slice(Math.max(0, start - 1 - CONTEXT_LENGTH), start - 1)))
      continue
    const reference = parseReference(code.slice(start, done))
    if (reference) found.push(reference)
  }
  return found
}

/** The offset after the quote that starts a string; undefined if the line has none. */
function findStart(code: string, from: number, least: number): number | undefined {
  for (let at = from - 1; at >= least; at--) {
    if (code[at] === '\n') return undefined
    if (QUOTE.test(code[at])) return at + 1
  }
  return undefined
}

/** The offset of the quote that ends a string, or of a character that a specifier does not contain. */
function findEnd(code: string, from: number, quote: string): number {
  let end = from
  while (end < code.length && end - from < MAX_LENGTH && code[end] !== quote && code[end] !== '\n') end++
  return end
}
