import { models } from '@nobg/core'
import type { Options } from 'unplugin-nobg/vite'

/** After one of these, Vite answers with a URL or with the picture itself as one. */
const URL_WORDS = ['url', 'inline', 'no-inline']
const PICTURE_WORDS = ['outputMask', 'crop', 'outputFormat=webp', 'outputFormat=avif']

/**
 * Declarations of the marked imports, the presets' and every model's among them. TypeScript allows one `*` in a pattern,
 * so only the end of a query can be matched.
 *
 * @returns the text of a `.d.ts` file.
 */
export function declareImports({ presets = {}, models: own = {} }: Options): string {
  const names = [...models.map(({ id }) => id), ...Object.keys(own)]
  const pictures = [
    '?nobg',
    '&nobg',
    ...new Set([...names, ...Object.keys(presets)].map(name => `nobg=${name}`)),
    ...names.map(name => `nobg&model=${name}`),
    ...PICTURE_WORDS.map(word => `nobg&${word}`),
  ]
  return [
    ...pictures.map(end => declareImport(end, "import('astro').ImageMetadata")),
    ...URL_WORDS.map(word => declareImport(`nobg&${word}`, 'string')),
  ].join('\n')
}

function declareImport(end: string, type: string): string {
  const pattern = JSON.stringify(`*${end}`)
  return `declare module ${pattern} {\n  const image: ${type}\n  export default image\n}\n`
}
