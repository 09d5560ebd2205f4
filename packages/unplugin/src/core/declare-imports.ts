import { models } from '@nobg/core'
import type { Options } from './options.ts'

/** After one of these, Vite answers with a URL or with the picture itself as one. */
const URL_WORDS = ['url', 'inline', 'no-inline']
const PICTURE_WORDS = ['outputMask', 'crop', 'outputFormat=webp', 'outputFormat=avif']

/** What marked imports are, as types. */
export interface ImportTypes {
  /** The type of a picture, such as `string`. */
  picture: string
  /** Whether words of Vite's may follow the marker. */
  vite: boolean
}

/**
 * Declarations of the marked imports, the presets' and every model's among them. TypeScript allows one `*` in a pattern,
 * so only the end of a query can be matched.
 *
 * @returns the text of a `.d.ts` file.
 */
export function declareImports(
  { picture, vite }: ImportTypes,
  { presets = {}, models: own = {} }: Options = {},
): string {
  const names = [...models.map(({ id }) => id), ...Object.keys(own)]
  const pictures = [
    '?nobg',
    '&nobg',
    'nobg=true',
    ...new Set([...names, ...Object.keys(presets)].map(name => `nobg=${name}`)),
    ...names.map(name => `nobg&model=${name}`),
    ...PICTURE_WORDS.map(word => `nobg&${word}`),
  ]
  const urls = vite ? URL_WORDS.map(word => `nobg&${word}`) : []
  return [...pictures.map(end => declare(end, picture)), ...urls.map(end => declare(end, 'string'))].join(
    '\n',
  )
}

function declare(end: string, type: string): string {
  return `declare module '*${end}' {\n  const image: ${type}\n  export default image\n}\n`
}
