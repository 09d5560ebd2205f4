import { models } from '@nobg/core'

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

/** The names of a project that may follow the marker. */
export interface OwnNames {
  presets?: object
  models?: object
}

/** The end of a specifier, and the type of the import. */
export type Declaration = [end: string, type: string]

/**
 * Lists the ends of marked imports whose types nobg knows in advance, including all presets and models. TypeScript allows one
 * `*` in a pattern, so only the end of a query can be matched.
 */
export function listKnownEnds(
  { picture, vite }: ImportTypes,
  { presets = {}, models: own = {} }: OwnNames = {},
): Declaration[] {
  const names = [...models.flatMap(({ id, falName = '' }) => [id, ...spell(falName)]), ...Object.keys(own)]
  const pictures = [
    '?nobg',
    '&nobg',
    'nobg=true',
    ...new Set([...names, ...Object.keys(presets)].map(name => `nobg=${name}`)),
    // The words before the model may be any.
    ...names.map(name => `&model=${name}`),
    ...PICTURE_WORDS.map(word => `nobg&${word}`),
  ]
  const urls = vite ? URL_WORDS.map(word => `nobg&${word}`) : []
  return [
    ...pictures.map((end): Declaration => [end, picture]),
    ...urls.map((end): Declaration => [end, 'string']),
  ]
}

/** The spellings of fal's name in a query. */
function spell(falName: string): string[] {
  return [...new Set([falName, falName.replaceAll(' ', '%20'), falName.replaceAll(' ', '+')])].filter(Boolean)
}

/**
 * Declares modules by the ends of their specifiers.
 *
 * @returns the text of a `.d.ts` file, in Prettier's default style.
 */
export function declareEnds(declarations: readonly Declaration[]): string {
  return declarations.map(declare).join('\n')
}

function declare([end, type]: Declaration): string {
  return `declare module ${JSON.stringify(`*${end}`)} {\n  const image: ${type};\n  export default image;\n}\n`
}
