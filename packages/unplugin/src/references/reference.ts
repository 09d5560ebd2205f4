import { type QueryWord, splitQuery } from '@nobg/core/internal'

/** Extensions that may have the marker: the formats that core decodes, and formats for which core gives an error. */
export const IMAGE_EXTENSIONS: readonly string[] =
  'apng avif bmp cur gif heic heif ico jfif jp2 jpeg jpg jxl pjp pjpeg png svg tif tiff webp'.split(' ')

const EXTENSION = `\\.(?:${IMAGE_EXTENSIONS.join('|')})`

const WITH_QUERY = new RegExp(`^(.+?${EXTENSION})\\?([^#]*)(#.*)?$`, 'is')
const SIBLING = new RegExp(`^(.+?)\\.nobg(?:-([\\w-]+))?(${EXTENSION})(?:\\?([^#]*))?(#.*)?$`, 'is')
/** Schemes, protocol-relative URLs and virtual modules; a single letter before the colon is a drive. */
const FOREIGN = /^(?:[a-z][a-z\d+.-]+:|\/\/|\0)/i
const MARKER = /^nobg(?:=(.*))?$/s

/** A quick test whether text may contain references. It matches everything that {@link parseReference} accepts. */
export const MARKED_TEXT: RegExp = /[?&;]nobg|\.nobg[.-]/

/** The parts of a marked image specifier, not decoded. */
export interface Reference {
  /** As written. */
  specifier: string
  /** The original image: no query, no sibling suffix. */
  path: string
  /** From `?nobg=portrait` or `.nobg-portrait`. */
  preset: string | undefined
  /** The query's other words, in order. */
  words: QueryWord[]
  /** The words `matte=./other.png`: the path of a matte, as the importer writes it, or `false`. */
  mattes?: QueryWord[]
  /** `#…`, or empty. */
  fragment: string
  /** Whether it is written `a.nobg.jpg`. A real file of that name has priority. */
  sibling: boolean
  /** Whether the reference is the address of the shipped file, as in a style sheet. */
  isFinal?: boolean
}

/**
 * Reads a specifier such as `./a.jpg?nobg&model=portrait`, `./a.jpg?w=400&nobg=hero` or `./a.nobg-hero.jpg`.
 *
 * @returns undefined if the specifier has no marker, or names no image or no file (URLs with a scheme, virtual modules).
 */
export function parseReference(specifier: string): Reference | undefined {
  if (FOREIGN.test(specifier)) return undefined
  return parseMarkedQuery(specifier) ?? parseSibling(specifier)
}

function parseMarkedQuery(specifier: string): Reference | undefined {
  const [, path, query, fragment = ''] = WITH_QUERY.exec(specifier) ?? []
  if (path === undefined) return undefined
  // A second question mark is a typo for an ampersand. Without this, the original would ship.
  const all = splitQuery(query.replaceAll('?', '&'))
  const marker = all.map(({ text }) => MARKER.exec(text)).find(match => match !== null)
  if (!marker) return undefined
  const words = all.filter(({ text }) => !MARKER.test(text))
  return { specifier, path, preset: decodeUrl(marker[1]), ...splitMattes(words), fragment, sibling: false }
}

function parseSibling(specifier: string): Reference | undefined {
  const [, stem, preset, extension, query = '', fragment = ''] = SIBLING.exec(specifier) ?? []
  if (stem === undefined) return undefined
  const words = splitMattes(splitQuery(query))
  return { specifier, path: stem + extension, preset, ...words, fragment, sibling: true }
}

/** Separates the words that name a matte. A bare `matte` is left to the check of options, which suggests `outputMask`. */
function splitMattes(all: readonly QueryWord[]): Pick<Reference, 'words' | 'mattes'> {
  const isMatte = ({ name, value }: QueryWord) => name === 'matte' && value !== ''
  const mattes = all.filter(isMatte)
  return { words: all.filter(word => !isMatte(word)), ...(mattes.length > 0 && { mattes }) }
}

/** Decodes percent signs. Invalid text is returned unchanged; undefined if there is no text. */
export function decodeUrl(value: string | undefined): string | undefined {
  if (!value) return undefined
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

/** Reads a URL in CSS or HTML, whose path is percent-encoded. */
export function parseUrlReference(url: string): Reference | undefined {
  const reference = parseReference(url)
  if (!reference) return undefined
  return { ...reference, path: decodeUrl(reference.path) ?? reference.path }
}

/** Removes query and fragment. A `#` before a slash is part of a folder's name, such as `C#`. */
export function stripPostfix(id: string): string {
  const folders = Math.max(id.lastIndexOf('/'), id.lastIndexOf('\\'))
  const ends = [id.indexOf('?'), id.indexOf('#', folders + 1)].filter(end => end >= 0)
  return ends.length > 0 ? id.slice(0, Math.min(...ends)) : id
}
