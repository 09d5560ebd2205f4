const maxLength = 80
// A cache keeps 150 bytes of a file name, including `-mask`, a dash, eight digits of a key and `.webp`.
const maxBytes = 128
const reservedOnWindows = /^(con|prn|aux|nul|(com|lpt)[\d¹²³])(\.|$)/i

/**
 * Returns the name for the files made from an image: the last segment of `location` (a path, or the path of a URL) without
 * its extension. Letters and digits of all scripts, `.`, `_` and `-` are kept; other characters become `-`.
 *
 * @returns 1 to 80 characters, a valid file name on Linux, macOS and Windows; `image` if nothing is left
 */
export function nameSource(location: string | undefined): string {
  const segment = location?.split(/[\\/]/).findLast(part => part !== '') ?? ''
  const stem = segment.replace(/(?<=.)\.[^.]*$/s, '')
  const readable = stem
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{N}._]+/gu, '-')
    .replace(/-{2,}/g, '-')
  const name = trim(shorten(trim(readable))) || 'image'
  return reservedOnWindows.test(name) ? `image-${name}` : name
}

/**
 * Removes dots and dashes at both ends: a leading dot hides a file, and Windows drops a trailing one. The lookbehind keeps
 * the search linear.
 */
function trim(name: string): string {
  return name.replace(/^[.-]+|(?<![.-])[.-]+$/g, '')
}

function shorten(name: string): string {
  let short = ''
  for (const character of name) {
    const longer = short + character
    if (longer.length > maxLength || Buffer.byteLength(longer) > maxBytes) break
    short = longer
  }
  return short
}
