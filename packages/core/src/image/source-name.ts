import { isDeviceName, shortenName, trimName } from '../shared/names.ts'

const maxLength = 80
// A cache keeps 150 bytes of a file name, including `-mask`, a dash, eight digits of a key and `.webp`.
const maxBytes = 128
/** Removed from the ends of a name. */
const edges = '.-'

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
  const name = trimName(shortenName(trimName(readable, edges), maxBytes, maxLength), edges) || 'image'
  return isDeviceName(name) ? `image-${name}` : name
}
