/** What may carry the marker: formats that core decodes, and those it refuses where a bundler would ship the original. */
export const IMAGE_EXTENSIONS: readonly string[] =
  'apng avif bmp cur gif heic heif ico jfif jp2 jpeg jpg jxl pjp pjpeg png svg tif tiff webp'.split(' ')

const EXTENSION = `\\.(?:${IMAGE_EXTENSIONS.join('|')})`

const WITH_QUERY = new RegExp(`^(.+?${EXTENSION})\\?([^#]*)(#.*)?$`, 'is')
const SIBLING = new RegExp(`^(.+?)\\.nobg(?:-([\\w-]+))?(${EXTENSION})(?:\\?([^#]*))?(#.*)?$`, 'is')
/** Schemes, protocol-relative URLs and virtual modules; a single letter before the colon is a drive. */
const FOREIGN = /^(?:[a-z][a-z\d+.-]+:|\/\/|\0)/i
const MARKER = /^nobg(?:=(.*))?$/s

/** A cheap test that text may hold references: what {@link parseReference} accepts, it accepts too. */
export const MARKED_TEXT: RegExp = /[?&;]nobg|\.nobg[.-]/

/** A marked image specifier, taken apart; nothing is decoded and nothing looked up. */
export interface Reference {
  /** As written. */
  specifier: string
  /** The original image: no query, no sibling suffix. */
  path: string
  /** From `?nobg=portrait` or `.nobg-portrait`. */
  preset: string | undefined
  /** The query's other words, verbatim and in order, without the question mark. */
  query: string
  /** `#…`, or empty. */
  fragment: string
  /** Whether it was spelt `a.nobg.jpg`, which a real file of that name overrules. */
  sibling: boolean
}

/**
 * Reads a specifier such as `./a.jpg?nobg&model=portrait`, `./a.jpg?w=400&nobg=hero` or `./a.nobg-hero.jpg`.
 *
 * @returns undefined where there is no marker, no image, or no file (URLs with a scheme, virtual modules).
 */
export function parseReference(specifier: string): Reference | undefined {
  if (FOREIGN.test(specifier)) return undefined
  return parseMarkedQuery(specifier) ?? parseSibling(specifier)
}

function parseMarkedQuery(specifier: string): Reference | undefined {
  const [, path, query, fragment = ''] = WITH_QUERY.exec(specifier) ?? []
  if (path === undefined) return undefined
  // A second question mark is a slip for an ampersand, and would else ship the original.
  const words = query.split(/[&?]/)
  const marker = words.map(word => MARKER.exec(word)).find(match => match !== null)
  if (!marker) return undefined
  const rest = words.filter(word => word !== '' && !MARKER.test(word)).join('&')
  return { specifier, path, preset: decodeUrl(marker[1]), query: rest, fragment, sibling: false }
}

function parseSibling(specifier: string): Reference | undefined {
  const [, stem, preset, extension, query = '', fragment = ''] = SIBLING.exec(specifier) ?? []
  if (stem === undefined) return undefined
  return { specifier, path: stem + extension, preset, query, fragment, sibling: true }
}

/** The text behind percent signs, or as it stands where they mean none; undefined where there is nothing. */
export function decodeUrl(value: string | undefined): string | undefined {
  if (!value) return undefined
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

/** The reference of a URL (CSS, HTML), where a path is percent-encoded and a bare name is relative. */
export function parseUrlReference(url: string): Reference | undefined {
  const reference = parseReference(url)
  if (!reference) return undefined
  return { ...reference, path: decodeUrl(reference.path) ?? reference.path }
}

/** A path without query and fragment. A `#` with a slash behind it belongs to a folder's name, such as `C#`. */
export function stripPostfix(id: string): string {
  const folders = Math.max(id.lastIndexOf('/'), id.lastIndexOf('\\'))
  const ends = [id.indexOf('?'), id.indexOf('#', folders + 1)].filter(end => end >= 0)
  return ends.length > 0 ? id.slice(0, Math.min(...ends)) : id
}
