import type { QueryWord } from '@nobg/core/internal'
import type { Reference } from '../references/reference.ts'
import type { Declaration, ImportTypes } from './declare-imports.ts'

/** The types of imagetools' output formats. Only its user knows the type of the others. */
const OUTPUT_TYPES = new Map([
  ['url', 'string'],
  ['srcset', 'string'],
  ['img', 'import("vite-imagetools").Img'],
  ['picture', 'import("vite-imagetools").Picture'],
])

/** Words of Vite whose import is text. */
const TEXT_WORDS = ['url', 'inline', 'no-inline', 'raw']

/**
 * Declares the end of one marked import.
 *
 * @returns undefined if TypeScript has no pattern for the end, or if only another plugin knows the type.
 */
export function declareReference(reference: Reference, types: ImportTypes): Declaration | undefined {
  const end = endOf(reference)
  // A star would be a second one. A backslash starts an escape, so that the text is not the specifier.
  if (/[*\\]|\$\{/.test(end)) return undefined
  const type = types.vite ? typeOfWords(reference.words, types.picture) : types.picture
  return type === undefined ? undefined : [end, type]
}

/** The end of a reference by which it is declared: its query, or its name from the marker on. */
export function endOf({ specifier, path, sibling }: Reference): string {
  return specifier.slice(sibling ? path.lastIndexOf('.') : path.length)
}

/** The type of an import with words of Vite, of imagetools or of enhanced-img in its query. */
function typeOfWords(given: readonly QueryWord[], picture: string): string | undefined {
  const words = given.map(({ text }) => text)
  if (words.includes('enhanced')) return 'import("@sveltejs/enhanced-img").Picture'
  const output = words.find(word => word.startsWith('as='))?.slice('as='.length)
  if (output !== undefined) return OUTPUT_TYPES.get(output)
  if (words.some(word => TEXT_WORDS.includes(word))) return 'string'
  // imagetools makes a picture for each value of a list.
  return words.some(word => word.includes(';')) ? `${picture}[]` : picture
}
