import jsTokens from 'js-tokens'
import { closeFrame, type Frame, judgeString, openFrame, readToken } from './shown-text.ts'

/** A string literal, or a template whose expressions count as spaces. */
export interface FoundString {
  text: string
  /** Where the string is in the code: half-open ranges of UTF-16 offsets, with the quotes, without expressions. */
  pieces: { start: number; end: number }[]
  isLiteral: boolean
  /** Whether a page shows the string as text: `children` of an element, `code` of `<Code>`, `textContent`. */
  isText: boolean
}

interface Piece {
  value: string
  start: number
}

const SKIPPED = /Comment|WhiteSpace|LineTerminator/

/**
 * Finds the strings of JavaScript, also of the output of minifiers. Tokens are enough, so that no parser is needed.
 *
 * @param isWanted a test of the text; other strings are left out.
 */
export function findStrings(code: string, isWanted: (text: string) => boolean): FoundString[] {
  const found: FoundString[] = []
  const frames: Frame[] = [openFrame('')]
  const templates: Piece[][] = []
  /** The last tokens, without blanks. */
  let before = ['', '', '']
  let closed: Frame | undefined
  let offset = 0
  for (const { type, value } of jsTokens(code)) {
    const start = offset
    offset += value.length
    if (SKIPPED.test(type)) continue
    const isClosing = value === ')' || value === ']' || value === '}' || type === 'TemplateTail'
    if (isClosing && frames.length > 1) {
      closed = frames.pop() as Frame
      closeFrame(closed)
    }
    const frame = frames[frames.length - 1]
    readToken(frame, value, before)
    if (type === 'StringLiteral') add([{ value, start }], true)
    else if (type === 'NoSubstitutionTemplate') add([{ value, start }], false)
    else if (type === 'TemplateMiddle') templates[templates.length - 1]?.push({ value, start })
    else if (type === 'TemplateTail') add([...(templates.pop() ?? []), { value, start }], false)
    else if (type === 'TemplateHead') {
      templates.push([{ value, start }])
      frames.push(openFrame('${', frame))
    } else if (type === 'Punctuator' && (value === '(' || value === '[' || value === '{'))
      frames.push(openFrame(value, frame, before, closed))
    before = [before[1], before[2], value]
  }
  return found

  function add(parts: Piece[], isLiteral: boolean): void {
    const text = parts.map(({ value }) => unescapeString(value.replace(EDGES, ''))).join(' ')
    if (!isWanted(text)) return
    const pieces = parts.map(({ value, start }) => ({ start, end: start + value.length }))
    const string = { text, pieces, isLiteral, isText: false }
    judgeString(frames[frames.length - 1], string)
    found.push(string)
  }
}

/** The quotes of a string, and the ends of a template's parts. */
const EDGES = /^(?:["'`]|\})|(?:["'`]|\$\{)$/g
const ESCAPE = /\\(?:u\{([\da-f]+)\}|u([\da-f]{4})|x([\da-f]{2})|(\r\n|[\s\S]))/gi
const CONTROLS: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', v: '\v', 0: '\0' }

function unescapeString(raw: string): string {
  if (!raw.includes('\\')) return raw
  return raw.replace(ESCAPE, (_, braced: string, four: string, two: string, other: string) => {
    const digits = braced ?? four ?? two
    if (digits === undefined) return /^[\r\n\u2028\u2029]/.test(other) ? '' : (CONTROLS[other] ?? other)
    const number = Number.parseInt(digits, 16)
    return number <= 0x10ffff ? String.fromCodePoint(number) : ''
  })
}
