import { models } from '@nobg/core'
import type { Options } from './options.ts'

/** Words of Vite whose import is a URL or a data URI. */
const URL_WORDS = ['url', 'inline', 'no-inline']
const PICTURE_WORDS = ['outputMask', 'crop', 'outputFormat=webp', 'outputFormat=avif']

/** The types of marked imports. */
export interface ImportTypes {
  /** The type of a picture, such as `string`. */
  picture: string
  /** Whether Vite's own words may follow the marker. */
  vite: boolean
}

/**
 * Declares the marked imports, including all presets and models. TypeScript allows one `*` in a pattern, so only the end of
 * a query can be matched.
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
