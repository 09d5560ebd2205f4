import { gunzipSync } from 'node:zlib'

/** Image bytes for sharp, and the density to open them with. */
export interface PreparedImage {
  bytes: Uint8Array
  /** Pixels per inch; undefined for sharp's default. */
  density?: number
}

/** CSS pixels per unit; font-relative units at a browser's 16 px. @see https://www.w3.org/TR/css-values-4/#absolute-lengths */
const unitPixels: Record<string, number> = {
  '': 1,
  px: 1,
  in: 96,
  cm: 96 / 2.54,
  mm: 96 / 25.4,
  q: 96 / 101.6,
  pt: 96 / 72,
  pc: 16,
  em: 16,
  rem: 16,
  ex: 8,
  ch: 8,
}

const CSS_DENSITY = 96
/** The density at which librsvg draws one CSS pixel as one pixel. */
const PIXEL_DENSITY = 72

const MAX_UNZIPPED_BYTES = 64 * 2 ** 20

/** Bytes in which the markup starts, if it is readable. */
const HEAD_BYTES = 1024

const DECLARATION = /^(<\?xml[^>]*?\sencoding\s*=\s*["'])([\w.:-]+)/
const PROLOG = /(?:\s+|<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<!DOCTYPE[^[>]*(?:\[[\s\S]*?\]\s*)?>)*/y
const ROOT_TAG = /<(?:[\w.-]+:)?svg(?=[\s/>])(?:"[^"]*"|'[^']*'|[^'">])*>/y
const ABSOLUTE_LENGTH = /\d(?:mm|cm|in|pt|pc|q)\b/i
const LENGTH = /^(\+?(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(?:e[+-]?\d{1,3})?) ?([a-z]{0,3})$/i

/**
 * Prepares an SVG so that sharp draws it as a browser does: as UTF-8, and with mm, cm, in, pt, pc and Q at 96 pixels per
 * inch. librsvg needs density 96 for such lengths, but then also enlarges the image. So the root is made smaller by the
 * same factor.
 *
 * @returns other formats, and an SVG without a size, unchanged
 */
export function prepareSvg(bytes: Uint8Array): PreparedImage {
  const readable = toUtf8(unzip(bytes))
  if (!startsWithMarkup(readable)) return { bytes }
  // Latin-1 keeps all bytes, and names and numbers are ASCII.
  const text = Buffer.from(readable.buffer, readable.byteOffset, readable.byteLength).toString('latin1')
  const start = text.startsWith('\xef\xbb\xbf') ? 3 : 0
  PROLOG.lastIndex = start
  PROLOG.test(text)
  ROOT_TAG.lastIndex = PROLOG.lastIndex
  const at = ROOT_TAG.lastIndex
  const tag = ROOT_TAG.exec(text)?.[0]
  if (!tag) return { bytes }
  const { width, height, hasUnits } = measureRoot(tag)
  if (!width || !height || !(hasUnits || ABSOLUTE_LENGTH.test(text))) return { bytes: readable }
  const resized = text.slice(0, at) + resizeRoot(tag, width, height) + text.slice(at + tag.length)
  return { bytes: Buffer.from(resized, 'latin1'), density: CSS_DENSITY }
}

/** Whether a file may be an SVG: markup in any encoding, or gzip data that is an image only as SVG. Unzips and parses nothing. */
export function looksLikeSvg(bytes: Uint8Array): boolean {
  const isZipped = bytes[0] === 0x1f && bytes[1] === 0x8b
  return isZipped || startsWithMarkup(toUtf8(bytes.subarray(0, HEAD_BYTES)))
}

/** Whether the file starts with markup, after a byte order mark and white space. Avoids reading large images as text. */
function startsWithMarkup(bytes: Uint8Array): boolean {
  return /^(?:\xef\xbb\xbf)?\s*</.test(Buffer.from(bytes.subarray(0, 200)).toString('latin1'))
}

/** Unzips SVGZ. Returns other data, and data that is too large, unchanged. */
function unzip(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_UNZIPPED_BYTES })
  } catch {
    return bytes
  }
}

/** Converts UTF-16, or the encoding of the XML declaration, to UTF-8: sharp accepts no other encoding for an SVG. */
function toUtf8(bytes: Uint8Array): Uint8Array {
  const encoding = findEncoding(bytes)
  if (!encoding) return bytes
  try {
    const text = new TextDecoder(encoding).decode(bytes)
    return Buffer.from(text.replace(DECLARATION, '$1UTF-8'))
  } catch {
    // Unknown encoding.
    return bytes
  }
}

/** Undefined for UTF-8, for text that is no XML, and for text that declares UTF-16 but is not. */
function findEncoding(bytes: Uint8Array): string | undefined {
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)) return 'utf-16le'
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)) return 'utf-16be'
  const head = Buffer.from(bytes.subarray(0, 200)).toString('latin1')
  const encoding = DECLARATION.exec(head)?.[2]
  return encoding && !/^(?:utf|ucs)/i.test(encoding) ? encoding : undefined
}

/** Width and height in CSS pixels; undefined if neither the attributes nor the viewBox give them. */
function measureRoot(tag: string) {
  const style = readAttribute(tag, 'style') ?? ''
  const read = (name: string) => {
    const declared = new RegExp(`(?:^|;)\\s*${name}\\s*:([^;]*)`, 'i').exec(style)?.[1]
    return parseLength(declared ?? readAttribute(tag, name))
  }
  const [width, height] = [read('width'), read('height')]
  const box =
    readAttribute(tag, 'viewBox')
      ?.trim()
      .split(/[\s,]+/)
      .map(Number) ?? []
  const ratio = box.length === 4 && box[2] > 0 && box[3] > 0 ? box[2] / box[3] : undefined
  return {
    width: width?.pixels ?? (ratio && (height ? height.pixels * ratio : box[2])),
    height: height?.pixels ?? (ratio && (width ? width.pixels / ratio : box[3])),
    hasUnits: [width, height].some(length => length && !['', 'px'].includes(length.unit)),
  }
}

/** Parses a length above 0; undefined for percentages and invalid lengths. */
function parseLength(text: string | undefined): { pixels: number; unit: string } | undefined {
  const [, number, word] = LENGTH.exec(text?.trim() ?? '') ?? []
  const unit = word?.toLowerCase() ?? ''
  const pixels = Number(number) * (unitPixels[unit] ?? Number.NaN)
  return pixels > 0 ? { pixels, unit } : undefined
}

function resizeRoot(tag: string, width: number, height: number): string {
  const shrink = PIXEL_DENSITY / CSS_DENSITY
  const isBoxed = readAttribute(tag, 'viewBox') !== undefined
  const bare = tag
    .replace(attribute('width'), ' ')
    .replace(attribute('height'), ' ')
    .replace(attribute('style'), found => found.replace(/([;"'\s])(?:width|height)\s*:[^;"']*/gi, '$1'))
  const size = ` width="${width * shrink}" height="${height * shrink}"`
  const end = bare.endsWith('/>') ? '/>' : '>'
  const box = isBoxed ? '' : ` viewBox="0 0 ${width} ${height}"`
  return `${bare.slice(0, -end.length)}${size}${box}${end}`
}

function readAttribute(tag: string, name: string): string | undefined {
  return attribute(name)
    .exec(tag)?.[0]
    .replace(/^[^"']*["']|["']$/g, '')
}

const attribute = (name: string) => new RegExp(`\\s${name}\\s*=\\s*(?:"[^"]*"|'[^']*')`)
