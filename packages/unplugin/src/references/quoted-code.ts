import { MARKED_TEXT } from './reference.ts'
import { findUnprocessed } from './unprocessed.ts'

/** The part of a syntax tree's node that is read here. Offsets are UTF-16 code units. */
interface Node {
  type: string
  start: number
  end: number
  value?: unknown
  key?: { name?: unknown; value?: unknown }
  quasis?: Node[]
}

/** A string literal, or a template whose expressions count as spaces. */
export interface FoundString {
  text: string
  pieces: Node[]
  isLiteral: boolean
  /** Whether a page shows the string as text: `children` of an element, `code` of `<Code>`. */
  isText: boolean
}

/**
 * Replaces the strings of a module that only quote code with a marker by spaces. Documentation has such strings: sources of
 * Markdown, highlighted code, the code given to `<Code>`.
 *
 * @param parse parses JavaScript to an ESTree program.
 */
export function blankQuotedCode(code: string, parse: (code: string) => unknown): string {
  return MARKED_TEXT.test(code)
    ? blankStrings(code, parse, ({ text, isText }) => isText || quotesCode(text))
    : code
}

/** Replaces the strings of a module that have a marker and pass a test by spaces. */
export function blankStrings(
  code: string,
  parse: (code: string) => unknown,
  isQuoted: (string: FoundString) => boolean,
): string {
  let result = code
  for (const string of findStrings(parse(code))) {
    if (!MARKED_TEXT.test(string.text) || !isQuoted(string)) continue
    for (const { start, end } of string.pieces) {
      result = result.slice(0, start) + ' '.repeat(end - start) + result.slice(end)
    }
  }
  return result
}

function findStrings(value: unknown, isText = false): FoundString[] {
  if (Array.isArray(value)) return value.flatMap(item => findStrings(item, isText))
  if (typeof value !== 'object' || value === null || !('type' in value)) return []
  const node = value as Node
  if (typeof node.value === 'string') return [{ text: node.value, pieces: [node], isLiteral: true, isText }]
  const isTextBelow = isText && node.type === 'ArrayExpression'
  const found = Object.values(node).flatMap(child => findStrings(child, isTextBelow || isTextProperty(node)))
  if (node.type !== 'TemplateLiteral' || !node.quasis) return found
  const text = node.quasis.map(({ value }) => (value as { cooked?: string }).cooked ?? '').join(' ')
  return [...found, { text, pieces: node.quasis, isLiteral: false, isText }]
}

function isTextProperty({ type, key }: Node): boolean {
  return type === 'Property' && ['children', 'code'].includes(String(key?.name ?? key?.value))
}

/** Whether a browser would load no marked image from a text. */
export function quotesCode(text: string): boolean {
  const strings = parseStrings(text)
  if (strings) return strings.every(string => !MARKED_TEXT.test(string) || quotesCode(string))
  // A string within a string is a token of highlighted code.
  if (/^\s*(["'`])[^"'`]*\1\s*$/.test(text)) return true
  const rest = stripMarkdownCode(text)
  if (!MARKED_TEXT.test(rest)) return true
  if (!/<[a-z]/i.test(rest) || /<script\b/i.test(rest)) return false
  return findUnprocessed([{ fileName: 'text.html', text: rest }], new Set()).length === 0
}

/** The strings in JSON. Astro stores the entries of its collections as JSON. */
function parseStrings(text: string): string[] | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined
  const strings: string[] = []
  try {
    JSON.parse(text, (_, value) => (typeof value === 'string' ? strings.push(value) : value))
    return strings
  } catch {
    return undefined
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
