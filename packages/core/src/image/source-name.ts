import { isDeviceName, shortenName, trimName } from '../shared/names.ts'

const maxLength = 80
// A cache keeps 150 bytes of a name, and `-mask`, a dash, eight digits of a key and `.webp` have to fit.
const maxBytes = 128
/** Removed from the ends of a name. */
const edges = '.-'

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
  const name = trimName(shortenName(trimName(readable, edges), maxBytes, maxLength), edges) || 'image'
  return isDeviceName(name) ? `image-${name}` : name
}
