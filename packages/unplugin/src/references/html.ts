import { type DefaultTreeAdapterTypes, parse } from 'parse5'
import { parseUrlReference, type Reference } from './reference.ts'
import type { TextRange } from './text-range.ts'

type Node = DefaultTreeAdapterTypes.Node
type Element = DefaultTreeAdapterTypes.Element

/** A range in a page: one attribute, including its name and quotes. */
export interface HtmlRange extends TextRange {
  /** Lower-case name of the element. */
  element: string
  /** Name of the attribute, with its prefix. */
  attribute: string
  /** The element's other attributes, by name. */
  siblings: Record<string, string>
}

/** The attributes whose URLs are assets, as in Vite. A link to a picture (`<a href>`) is no asset. */
const ASSET_ATTRIBUTES: Record<string, readonly string[]> = {
  audio: ['src'],
  embed: ['src'],
  image: ['href', 'xlink:href'],
  img: ['src', 'srcset'],
  input: ['src'],
  link: ['href', 'imagesrcset'],
  meta: ['content'],
  object: ['data'],
  source: ['src', 'srcset'],
  track: ['src'],
  use: ['href', 'xlink:href'],
  video: ['src', 'poster'],
}

/** The values of `name` and `property` for which the `content` of a `<meta>` is an asset, as in Vite. */
const ASSET_META =
  /^(?:og:image(?::(?:secure_)?url)?|og:(?:audio|video)(?::secure_url)?|twitter:image|msapplication-(?:config|tileimage|(?:square|wide)\d+x\d+logo))$/i

/** Additional asset attributes by element: Vite's option `html.additionalAssetSources`. */
export type AssetSources = Record<
  string,
  {
    srcAttributes?: string[]
    srcsetAttributes?: string[]
    filter?(data: { key: string; value: string; attributes: Record<string, string> }): boolean
  }
>

/** Whether a bundler treats the attribute's value as an asset. */
export function isAssetAttribute(range: HtmlRange, additional: AssetSources = {}): boolean {
  const { element, attribute: key, siblings } = range
  if ('vite-ignore' in siblings) return false
  const { srcAttributes = [], srcsetAttributes = [], filter } = additional[element] ?? {}
  if ([...srcAttributes, ...srcsetAttributes].includes(key)) {
    if (!filter || filter({ key, value: siblings[key], attributes: siblings })) return true
  }
  if (!ASSET_ATTRIBUTES[element]?.includes(key)) return false
  const { name = '', property = '' } = siblings
  return element !== 'meta' || [name, property].some(word => ASSET_META.test(word.trim()))
}

/** Finds the attributes of a page, of any element, that contain marked references, also in `<template>`. */
export function findHtmlRanges(html: string, additional: AssetSources = {}): HtmlRange[] {
  const ranges: HtmlRange[] = []
  // As in Vite, the content of <noscript> is elements, not text.
  visitElements(parse(html, { sourceCodeLocationInfo: true, scriptingEnabled: false }), element => {
    const siblings = Object.fromEntries(
      element.attrs.map(({ name, prefix, value }) => [nameAttribute(name, prefix), value]),
    )
    for (const { name, prefix, value } of element.attrs) {
      const attribute = nameAttribute(name, prefix)
      const location = element.sourceCodeLocation?.attrs?.[attribute]
      const isSet = isSourceSet(attribute, additional[element.tagName]?.srcsetAttributes)
      const pieces = isSet ? splitSourceSet(value) : splitUrl(value)
      const references = pieces.filter(piece => typeof piece !== 'string')
      // Classes of Tailwind may contain a URL: bg-[url(./a.jpg?nobg&crop)].
      if (!location || references.length === 0 || name === 'class') continue
      const { startOffset: start, endOffset: end } = location
      const write = (urls: (string | undefined)[]) => writeAttribute(attribute, pieces, urls)
      ranges.push({ element: element.tagName, attribute, siblings, start, end, references, write })
    }
  })
  return ranges
}

/** Texts inside a page: style sheets, including `style` attributes, and scripts. */
export interface EmbeddedTexts {
  styles: string[]
  scripts: string[]
}

/** Finds the texts inside a page that are not HTML themselves. */
export function findEmbeddedTexts(html: string): EmbeddedTexts {
  const texts: EmbeddedTexts = { styles: [], scripts: [] }
  visitElements(parse(html, { scriptingEnabled: false }), ({ tagName, attrs, childNodes }) => {
    const style = attrs.find(({ name }) => name === 'style')
    if (style) texts.styles.push(style.value)
    const list = tagName === 'style' ? texts.styles : tagName === 'script' ? texts.scripts : undefined
    for (const child of childNodes) if (list && 'value' in child) list.push(child.value)
  })
  return texts
}

/**
 * Replaces the texts of a page, which a browser only shows, by spaces. Style sheets stay.
 *
 * @param writeScript returns what replaces the text of a script, with the same length.
 */
export function blankTexts(html: string, writeScript: (script: string) => string): string {
  const parts: string[] = []
  let end = 0
  const options = { sourceCodeLocationInfo: true, scriptingEnabled: false }
  visitElements(parse(html, options), ({ tagName, childNodes }) => {
    for (const child of tagName === 'style' ? [] : childNodes) {
      const location = 'value' in child ? child.sourceCodeLocation : undefined
      if (!location || location.startOffset < end) continue
      const text = html.slice(location.startOffset, location.endOffset)
      parts.push(
        html.slice(end, location.startOffset),
        tagName === 'script' ? writeScript(text) : ' '.repeat(text.length),
      )
      end = location.endOffset
    }
  })
  return parts.join('') + html.slice(end)
}

function visitElements(node: Node, visit: (element: Element) => void): void {
  if ('attrs' in node) visit(node)
  if ('content' in node) visitElements(node.content, visit)
  if ('childNodes' in node) for (const child of node.childNodes) visitElements(child, visit)
}

/** The ranges of a srcset's URLs. A comma inside a URL belongs to the URL; commas at its end separate candidates. */
function findCandidates(srcset: string): [start: number, end: number][] {
  const ranges: [number, number][] = []
  let next = 0
  for (;;) {
    const start = skip(/[\s,]*/y, srcset, next)
    if (start === srcset.length) return ranges
    const blank = skip(/\S+/y, srcset, start)
    let end = blank
    while (srcset[end - 1] === ',') end--
    ranges.push([start, end])
    const comma = end < blank ? end : srcset.indexOf(',', blank)
    next = comma < 0 ? srcset.length : comma
  }
}

/** The offset after the match of a sticky pattern at `from`. */
function skip(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from
  return pattern.test(text) ? pattern.lastIndex : from
}

function nameAttribute(name: string, prefix: string | undefined): string {
  return prefix ? `${prefix}:${name}` : name
}

function isSourceSet(attribute: string, additional: string[] = []): boolean {
  return attribute.endsWith('srcset') || additional.includes(attribute)
}

function splitUrl(value: string): Reference[] {
  const reference = parseUrlReference(value.trim())
  return reference ? [reference] : []
}

/** Splits a value into references and the text between them. */
function splitSourceSet(value: string): (string | Reference)[] {
  const pieces: (string | Reference)[] = []
  let done = 0
  for (const [start, end] of findCandidates(value)) {
    const reference = parseUrlReference(value.slice(start, end))
    if (!reference) continue
    pieces.push(value.slice(done, start), reference)
    done = end
  }
  return [...pieces, value.slice(done)]
}

function writeAttribute(name: string, pieces: (string | Reference)[], urls: (string | undefined)[]): string {
  const next = urls.values()
  const value = pieces.map(piece =>
    typeof piece === 'string' ? piece : (next.next().value ?? piece.specifier),
  )
  return `${name}="${value.join('').replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"`
}
