const maxLength = 80
// A cache keeps 150 bytes of a name, and `-mask`, a dash, eight digits of a key and `.webp` have to fit.
const maxBytes = 128
const reservedOnWindows = /^(con|prn|aux|nul|(com|lpt)[\d¹²³])(\.|$)/i

/**
 * The name under which an image's products are stored: the last segment of `location` (a path, or the path of a URL)
 * without its extension. Letters and digits of every script stay, with `.`, `_` and `-`; all else becomes `-`. The result
 * has 1 to 80 characters and is a valid file name on Linux, macOS and Windows; it is `image` where nothing is left.
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
 * A leading dot hides a file, a trailing one is lost on Windows. The lookbehind keeps the search linear: no run of them is
 * tried again from its middle.
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
