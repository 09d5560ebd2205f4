/** Limits of a name. Absent limits are infinite. */
interface NameLimits {
  /** Bytes of UTF-8. */
  bytes?: number
  /** UTF-16 code units. */
  units?: number
  /** Code points. */
  characters?: number
}

/** Longest name of a source. A cache keeps 150 bytes of a file name, including `-mask`, a dash, eight digits of a key and `.webp`. */
const SOURCE_NAME_LIMITS: NameLimits = { bytes: 128, units: 80 }
/** Maximum length of a file name, bytes of UTF-8. File systems allow 255, and hosts append hashes. */
const MAX_FILE_NAME_BYTES = 150
const MAX_DISPLAY_CHARACTERS = 120

/** Removed from the ends of a name. */
const DOTS_AND_DASHES = '.-'
const DOTS_AND_BLANKS = '. '

/**
 * Returns the name for the files made from an image: the last segment of `location` (a path, or the path of a URL) without
 * its extension. Letters and digits of all scripts, `.`, `_` and `-` are kept; other characters become `-`.
 *
 * @returns 1 to 80 characters, a valid file name on Linux, macOS and Windows; `image` if nothing is left
 */
export function nameSource(location: string | undefined): string {
  const segment = splitPath(location ?? '').findLast(part => part !== '') ?? ''
  const stem = segment.replace(/(?<=.)\.[^.]*$/s, '')
  const readable = stem
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{N}._]+/gu, '-')
    .replace(/-{2,}/g, '-')
  const short = shortenName(trimName(readable, DOTS_AND_DASHES), SOURCE_NAME_LIMITS)
  const name = trimName(short, DOTS_AND_DASHES) || 'image'
  return isDeviceName(name) ? `image-${name}` : name
}

/** Returns the last segment of a URL's path, decoded if it can be decoded. */
export function readUrlName({ pathname }: URL): string {
  const segment = lastSegment(pathname)
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/**
 * Returns the name under which a picture is stored, without folders, control characters, reserved characters and leading
 * dots, shortened to 150 bytes including its extension; `entry` if nothing is left. Idempotent.
 */
export function safeFileName(name: string): string {
  const safer = cleanFileName(name)
  return safer === name ? name : safeFileName(safer)
}

function cleanFileName(name: string): string {
  const clean = trimName(lastSegment(name).replace(/[\p{Cc}\p{Cs}<>:"|?*]/gu, '-'), DOTS_AND_BLANKS)
  const dot = clean.lastIndexOf('.')
  const extension = dot > 0 && clean.length - dot <= 16 ? clean.slice(dot) : ''
  const stem = trimName(clean.slice(0, clean.length - extension.length), DOTS_AND_BLANKS) || 'entry'
  const plainStem = isDeviceName(stem) ? `_${stem}` : stem
  return shortenName(plainStem, { bytes: MAX_FILE_NAME_BYTES - Buffer.byteLength(extension) }) + extension
}

/**
 * Makes a client's file name safe for URLs and headers: without folders, control characters, quotes and characters that
 * change the reading direction, at most 120 characters. The result is no path on disk.
 *
 * @param otherwise the result if nothing is left.
 */
export function toDisplayName(name: unknown, otherwise: string): string {
  if (typeof name !== 'string') return otherwise
  const clean = lastSegment(name)
    .replace(/[\p{Surrogate}\p{Control}\p{Bidi_Control}"]/gu, '')
    .trim()
  const short = shortenName(clean, { characters: MAX_DISPLAY_CHARACTERS })
  return /^\.*$/.test(short) ? otherwise : short
}

/** Whether Windows opens a device under this name, whatever its extension. */
export function isDeviceName(name: string): boolean {
  return /^(con|prn|aux|nul|(com|lpt)[\d¹²³])(\.|$)/i.test(name)
}

/** Splits at the separators of all systems: a name from Windows may arrive on Linux. */
function splitPath(path: string): string[] {
  return path.split(/[\\/]/)
}

function lastSegment(path: string): string {
  return splitPath(path).at(-1) ?? ''
}

/** Returns the longest start of a name within all limits. Splits no character. */
export function shortenName(name: string, limits: NameLimits): string {
  const { bytes = Infinity, units = Infinity, characters = Infinity } = limits
  let short = ''
  let usedBytes = 0
  let count = 0
  for (const character of name) {
    usedBytes += Buffer.byteLength(character)
    count++
    if (usedBytes > bytes || short.length + character.length > units || count > characters) break
    short += character
  }
  return short
}

/** Removes characters from both ends: a leading dot hides a file, and Windows removes a trailing dot. */
export function trimName(name: string, characters: string): string {
  let start = 0
  let end = name.length
  while (start < end && characters.includes(name[start])) start++
  while (end > start && characters.includes(name[end - 1])) end--
  return name.slice(start, end)
}
