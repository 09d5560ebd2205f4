import { type DefaultTreeAdapterTypes, parse } from 'parse5'
import { parseUrlReference, type Reference } from './reference.ts'
import type { Spot } from './spot.ts'

type Node = DefaultTreeAdapterTypes.Node
type Element = DefaultTreeAdapterTypes.Element

/** A spot in a page: one attribute, name and quotes included. */
export interface HtmlSpot extends Spot {
  /** Lower-case name of the element. */
  element: string
  /** Name of the attribute, with its prefix. */
  attribute: string
  /** The element's other attributes, by name. */
  siblings: Record<string, string>
}

/** The attributes whose URLs a bundler takes for assets. A link to a picture (`<a href>`) is none. */
const ASSET_ATTRIBUTES: Record<string, readonly string[]> = {
  embed: ['src'],
  image: ['href', 'xlink:href'],
  img: ['src', 'srcset'],
  input: ['src'],
  link: ['href', 'imagesrcset'],
  meta: ['content'],
  object: ['data'],
  source: ['src', 'srcset'],
  use: ['href', 'xlink:href'],
  video: ['poster'],
}

/** The `name`s and `property`s under which a `<meta>` holds a picture. Vite knows these and leaves every other one alone. */
const PICTURE_META =
  /^(?:og:image(?::url|:secure_url)?|twitter:image|msapplication-(?:tileimage|(?:square|wide)\d+x\d+logo))$/i

/** Whether a bundler treats the attribute's value as an asset. */
export function isAssetAttribute({ element, attribute, siblings }: HtmlSpot): boolean {
  if (!ASSET_ATTRIBUTES[element]?.includes(attribute) || 'vite-ignore' in siblings) return false
  const { name = '', property = '' } = siblings
  return element !== 'meta' || [name, property].some(word => PICTURE_META.test(word.trim()))
}

/** Finds the attributes of a page, of any element, that hold marked references; `<template>` contents included. */
export function findHtmlSpots(html: string): HtmlSpot[] {
  const spots: HtmlSpot[] = []
  visitElements(parse(html, { sourceCodeLocationInfo: true }), element => {
    const siblings = Object.fromEntries(element.attrs.map(({ name, value }) => [name, value]))
    for (const { name, prefix, value } of element.attrs) {
      const attribute = prefix ? `${prefix}:${name}` : name
      const location = element.sourceCodeLocation?.attrs?.[attribute]
      const pieces = splitValue(attribute, value)
      const references = pieces.filter(piece => typeof piece !== 'string')
      // Tailwind's classes may quote an address: bg-[url(./a.jpg?nobg&crop)].
      if (!location || references.length === 0 || name === 'class') continue
      const { startOffset: start, endOffset: end } = location
      const write = (urls: (string | undefined)[]) => writeAttribute(attribute, pieces, urls)
      spots.push({ element: element.tagName, attribute, siblings, start, end, references, write })
    }
  })
  return spots
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

/** The offset behind what a sticky pattern matches at `from`. */
function skip(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from
  return pattern.test(text) ? pattern.lastIndex : from
}

/** The value cut into references and the text between them. */
function splitValue(attribute: string, value: string): (string | Reference)[] {
  if (!attribute.endsWith('srcset')) {
    const reference = parseUrlReference(value.trim())
    return reference ? [reference] : []
  }
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
  const answers = urls.values()
  const value = pieces.map(piece =>
    typeof piece === 'string' ? piece : (answers.next().value ?? piece.specifier),
  )
  return `${name}="${value.join('').replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"`
}
