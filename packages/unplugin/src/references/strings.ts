import jsTokens, { type Token } from 'js-tokens'

/** A string literal, or a template whose expressions count as spaces. */
export interface FoundString {
  text: string
  /** Where the string is in the code: half-open ranges of UTF-16 offsets, with the quotes, without expressions. */
  pieces: { start: number; end: number }[]
  isLiteral: boolean
  /** Whether a page shows the string as text: `children` of an element, `code` of `<Code>`, `textContent`. */
  isText: boolean
}

/** An open bracket, and what was read since. */
interface Frame {
  opener: string
  /** The name before the bracket: of a called function. */
  callee: string
  /** Number of commas. */
  commas: number
  /** Whether the first argument is the name of an element, as in `h('code', null, …)`. */
  isElement: boolean
  /** Whether the strings directly in the bracket are texts. */
  isText: boolean
}

interface Piece {
  value: string
  start: number
}

const SKIPPED = /Comment|WhiteSpace|LineTerminator/
const TEXT_PROPERTY = /^["'`]?(?:children|code)["'`]?$/
const TEXT_MEMBER = /^(?:textContent|innerText|nodeValue)$/
/** Functions of compilers that escape a text, or make a node of text. */
const TEXT_FUNCTION = /(?:escape|interpolate|text)/i
const ELEMENT_NAME = /^["'`][a-z][\w-]*["'`]$/
/** Markup or quotes: no address has them. */
const CODE = /["'`<]/

/**
 * Finds the strings of JavaScript, also of the output of minifiers. Tokens are enough, so that no parser is needed.
 *
 * @param isWanted a test of the text; other strings are left out.
 */
export function findStrings(code: string, isWanted: (text: string) => boolean): FoundString[] {
  const found: FoundString[] = []
  const frames: Frame[] = [{ opener: '', callee: '', commas: 0, isElement: false, isText: false }]
  const templates: Piece[][] = []
  /** The last tokens, without blanks. */
  let before = ['', '', '']
  let offset = 0
  for (const token of jsTokens(code)) {
    const { type, value } = token
    const start = offset
    offset += value.length
    if (SKIPPED.test(type)) continue
    const frame = frames[frames.length - 1]
    if (isString(token)) {
      if (frame.opener === '(' && frame.commas === 0 && before[2] === '(')
        frame.isElement = ELEMENT_NAME.test(value)
      add([{ value, start }], type === 'StringLiteral', frame)
    } else if (type === 'TemplateHead') templates.push([{ value, start }])
    else if (type === 'TemplateMiddle') templates[templates.length - 1]?.push({ value, start })
    else if (type === 'TemplateTail') add([...(templates.pop() ?? []), { value, start }], false, frame)
    else if (type === 'Punctuator') followBracket(frames, value, before)
    before = [before[1], before[2], value]
  }
  return found

  function add(parts: Piece[], isLiteral: boolean, frame: Frame): void {
    const text = parts.map(({ value }) => unescapeString(value.replace(EDGES, ''))).join(' ')
    if (!isWanted(text)) return
    const pieces = parts.map(({ value, start }) => ({ start, end: start + value.length }))
    found.push({ text, pieces, isLiteral, isText: isShown(text, frame, before) })
  }
}

function isString({ type }: Token): boolean {
  return type === 'StringLiteral' || type === 'NoSubstitutionTemplate'
}

function followBracket(frames: Frame[], value: string, before: readonly string[]): void {
  const frame = frames[frames.length - 1]
  if (value === ',') frame.commas++
  else if ('([{'.includes(value)) {
    const isText = value === '[' && (isTextProperty(before) || isTextArgument(frame) || isTextArray(frame))
    frames.push({ opener: value, callee: before[2], commas: 0, isElement: false, isText })
  } else if (')]}'.includes(value) && frames.length > 1) frames.pop()
}

/** Whether a page shows a string as text. An argument may also be an address. */
function isShown(text: string, frame: Frame, before: readonly string[]): boolean {
  if (isTextProperty(before) || (before[2] === '=' && TEXT_MEMBER.test(before[1]))) return true
  if (isTextArray(frame) && /^[[,]$/.test(before[2])) return true
  if (frame.opener !== '(' || !/^[(,]$/.test(before[2]) || !CODE.test(text)) return false
  return isTextArgument(frame) || TEXT_FUNCTION.test(frame.callee)
}

function isTextProperty(before: readonly string[]): boolean {
  return before[2] === ':' && TEXT_PROPERTY.test(before[1])
}

/** Whether an argument is a child of an element: `h('code', null, …)`. */
function isTextArgument({ opener, commas, isElement }: Frame): boolean {
  return opener === '(' && isElement && commas > 1
}

function isTextArray({ opener, isText }: Frame): boolean {
  return opener === '[' && isText
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
