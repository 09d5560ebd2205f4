/**
 * Where a string is: not in a known text; the value of a property that may also have elements, which calls make; the value of
 * a text property; an argument that is a text, or may be an address.
 */
type Place = 'none' | 'property' | 'text' | 'argument'

/** A string whose place may be known only after the end of its call. */
interface Judged {
  text: string
  isText: boolean
}

/** An open bracket, and what was read since. */
export interface Frame {
  opener: '' | '(' | '[' | '{' | '${'
  /** The place of the bracket. The strings of a group, of an array and of a template are in the same place. */
  place: Place
  /** Name of the called function; `?` if the function has no name; empty if the bracket is no call. */
  callee: string
  /** Number of commas. */
  commas: number
  /** The first token of the first argument. */
  first: string
  /** The call, or the object, that the bracket is in; undefined if the bracket is one. */
  host: Frame | undefined
  /** Whether a call is in the first argument, also in a template of it. */
  hasCall: boolean
  /** The first two tokens of the second argument, without the content of brackets. */
  second: string
  afterSecond: string
  /** The place after `children:` or `.textContent =`, until the next value. */
  value: Place
  /** Whether `children` are a style sheet or a script. */
  isRaw: boolean
  /** The strings of the first argument. */
  strings: Judged[] | undefined
}

const CHILDREN = /^["'`]?(?:children|code)["'`]?$/
const TEXT_PROPERTY = /^["'`]?(?:textContent|innerText)["'`]?$/
const TEXT_MEMBER = /^(?:textContent|innerText|nodeValue)$/
/** Functions that make elements: of React, Preact, Vue, and of other libraries with JSX. `createBaseVNode` is a name inside of Vue. */
const ELEMENT_FUNCTION =
  /^(?:h|createElement|cloneElement|create(?:Element|Base)?VNode|create(?:Element)?Block)$/
/** Functions that escape a text, or make a node of text: of Vue, Svelte, Solid, Angular, and of the DOM. */
const TEXT_FUNCTION =
  /^(?:text|set_text|escape|escape_?html|createTextVNode|toDisplayString|ssrInterpolate|textInterpolate|createTextNode)$/i
/** Minifiers give functions such names. They keep the names of most members. */
const MINIFIED = /^[\w$]{1,3}?(?:\$\d+)?$/
const RAW = /^["'`](?:style|script)["'`]$/
const QUOTED = /^["'`]/
const NAME = /^[\p{ID_Start}_$#]/u
const KEYWORD =
  /^(?:await|case|catch|delete|do|else|for|function|if|in|instanceof|new|of|return|switch|throw|typeof|void|while|with|yield)$/
/** Markup or quotes: no address has them. */
const CODE = /["'`<]/

/** The elements that show their text. */
const ELEMENTS = new Set(
  (
    'a abbr address article aside b bdi bdo big blockquote body button caption center cite code dd del details dfn dialog div dl dt em ' +
    'fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup i ins kbd label legend li main mark nav ol optgroup option ' +
    'output p pre q rp rt ruby s samp search section small span strike strong sub summary sup table tbody td text textarea tfoot th thead ' +
    'time title tr tspan tt u ul var xmp'
  ).split(' '),
)

/** Creates the frame of an open bracket, or of a whole script. */
export function openFrame(
  opener: Frame['opener'],
  parent?: Frame,
  before: readonly string[] = [],
  closed?: Frame,
): Frame {
  const callee = opener === '(' ? readCallee(before, closed) : ''
  const isIndex = opener === '[' && endsValue(before)
  const isHost = callee !== '' || opener === '{' || opener === ''
  const host = parent?.host ?? parent
  if (callee !== '' && host?.commas === 0) host.hasCall = true
  return {
    opener,
    place: parent && opener !== '{' && !isIndex ? placeIn(parent) : 'none',
    callee,
    commas: 0,
    first: '',
    host: isHost ? undefined : host,
    hasCall: false,
    second: '',
    afterSecond: '',
    value: 'none',
    isRaw: opener === '{' && parent !== undefined && (RAW.test(parent.first) || RAW.test(parent.second)),
    strings: undefined,
  }
}

/** Reads one token of a frame. @param before the three tokens before the token. */
export function readToken(frame: Frame, value: string, before: readonly string[]): void {
  if (value === ',') frame.commas++
  else if (frame.commas === 0) {
    if (frame.first === '') frame.first = value
  } else if (frame.commas === 1) {
    if (frame.second === '') frame.second = value
    else if (frame.afterSecond === '') frame.afterSecond = value
  }
  switch (value) {
    case ',':
    case ';':
    case 'return':
      frame.value = 'none'
      break
    case ':':
      if (frame.opener === '{' && /^[{,]$/.test(before[1]))
        frame.value = frame.isRaw ? 'none' : readProperty(before[2])
      break
    case '=':
    case '+=':
    case '||=':
    case '&&=':
    case '??=':
      frame.value = readMember(before)
  }
}

/** Adds a string, and decides whether a page shows the string as text. */
export function judgeString(frame: Frame, string: Judged): void {
  const place = placeIn(frame)
  string.isText = place === 'property' || place === 'text' || (place === 'argument' && CODE.test(string.text))
  if (frame.commas > 0) return
  frame.strings ??= []
  frame.strings.push(string)
}

/**
 * Decides about the strings of a minified call at its end. Vue's `createTextVNode` has a second argument: -1 if the text is
 * constant, 1 if the text has an expression, which calls `toDisplayString`. `createStaticVNode`, which makes elements, has the
 * number of its nodes, and names of imported pictures in the first argument. An argument of an element's call is a text, also in
 * `toDisplayString()`.
 */
export function closeFrame({ callee, commas, hasCall, second, afterSecond, place, strings }: Frame): void {
  if (!strings || !MINIFIED.test(callee) || commas > 1) return
  const isConstant = second === '-' && afterSecond === '1'
  const isText =
    commas === 0
      ? place === 'argument' || place === 'text'
      : isConstant || (second === '1' && afterSecond === '' && hasCall)
  for (const string of strings) if (isText && CODE.test(string.text)) string.isText = true
}

function placeIn(frame: Frame): Place {
  const { opener, callee, commas, place, value } = frame
  if (value !== 'none' || opener === '{' || opener === '') return value
  if (callee === '') return place
  const name = trimName(callee)
  // Solid's `insert(parent, () => text)`.
  const isText = TEXT_FUNCTION.test(name) || (name === 'insert' && commas > 0)
  return isText || (commas > 1 && isElementCall(frame)) ? 'argument' : 'none'
}

/** Whether the arguments after the second are texts and elements: `h('code', null, 'text')`. */
function isElementCall({ callee, first, second }: Frame): boolean {
  if (QUOTED.test(first) && !isTextElement(first.slice(1, -1))) return false
  if (ELEMENT_FUNCTION.test(trimName(callee))) return true
  if (!MINIFIED.test(callee)) return false
  if (/^(?:null|void|\{)$/.test(second)) return QUOTED.test(first) || NAME.test(first)
  // The attributes may be in a variable.
  return QUOTED.test(first) && NAME.test(second) && !KEYWORD.test(second)
}

function isTextElement(name: string): boolean {
  return ELEMENTS.has(name) || /^[a-z][\w.]*-[\w.-]+$/.test(name)
}

/** The name without the signs that compilers and bundlers add: `_h`, `h$1`, `h2`. */
function trimName(name: string): string {
  if (!/^[_$ɵ]|\d$/.test(name)) return name
  // Not `\$?\d*$`, whose time grows with the square of the number of digits.
  return name.replace(/^[_$ɵ]+/, '').replace(/(?:\$|(?<![\d$]))\d+$|\$$/, '')
}

function readCallee(before: readonly string[], closed: Frame | undefined): string {
  if (!endsValue(before)) return before[2] === '?.' ? '?' : ''
  if (NAME.test(before[2])) return before[2]
  // `(0, react.createElement)(…)` calls a member without its object.
  const isIndirect = before[2] === ')' && closed?.commas === 1 && closed.first === '0'
  return isIndirect ? before[1] : '?'
}

/** Whether the tokens end with a value, so that a bracket is a call or an index. */
function endsValue(before: readonly string[]): boolean {
  const last = before[2] ?? ''
  if (last === ')' || last === ']') return true
  return NAME.test(last) && (before[1] === '.' || !KEYWORD.test(last))
}

function readProperty(name: string): Place {
  if (TEXT_PROPERTY.test(name)) return 'text'
  return CHILDREN.test(name) ? 'property' : 'none'
}

function readMember(before: readonly string[]): Place {
  if (before[1] !== '.') return 'none'
  if (TEXT_MEMBER.test(before[2])) return 'text'
  // The text of a node, or the address of an <object>.
  return before[2] === 'data' ? 'argument' : 'none'
}
