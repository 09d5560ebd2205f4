import type { PageModel } from '../../src/http/page-settings.ts'

/** The choices in the form. */
export interface Choice {
  model: PageModel
  isDefaultModel: boolean
  resolution: '' | '1024x1024' | '2048x2048'
  format: 'png' | 'webp'
  refine: boolean
}

/** @returns input of fal's endpoint, without fields that equal their default */
export function toInput({ model, isDefaultModel, resolution, format, refine }: Choice) {
  return {
    ...(!isDefaultModel && { model: model.value }),
    ...(resolution && { operating_resolution: resolution }),
    ...(format !== 'png' && { output_format: format }),
    ...(!refine && { refine_foreground: false }),
  }
}

/** @returns options of nobg's libraries, without those that equal their default */
function toOptions({ model, isDefaultModel, resolution, refine }: Choice) {
  return {
    ...(!isDefaultModel && { model: model.id }),
    ...(resolution && { operatingResolution: Number.parseInt(resolution, 10) }),
    ...(!refine && { refineForeground: false }),
  }
}

/** The library that code is printed for. */
export type Dialect = 'client' | 'sharp' | 'import'

/** Prints code that does the same as the page. `name` is the name of the photograph. */
export const printCode: Record<Dialect, (choice: Choice, name: string, needsKey: boolean) => string> = {
  client(choice, name, needsKey) {
    const url = new URL('api/fal/proxy', document.baseURI).href
    const input = Object.entries(toInput(choice)).map(
      ([field, value]) => `    ${field}: ${printValue(value)},`,
    )
    return [
      "import { openAsBlob } from 'node:fs'",
      "import { createFalClient } from '@fal-ai/client'",
      '',
      'const fal = createFalClient({',
      ...(needsKey ? ['  credentials: process.env.FAL_KEY,'] : []),
      `  proxyUrl: { url: ${printValue(url)}, when: 'always' },`,
      '})',
      "const { data } = await fal.subscribe('fal-ai/birefnet', {",
      '  input: {',
      `    image_url: await openAsBlob(${printValue(name)}),`,
      ...input,
      '  },',
      '})',
      'console.log(data.image.url)',
    ].join('\n')
  },
  sharp(choice, name) {
    const options = Object.entries(toOptions(choice)).map(
      ([field, value]) => `${field}: ${printValue(value)}`,
    )
    const words = [printValue(name), ...(options.length > 0 ? [`{ ${options.join(', ')} }`] : [])]
    return [
      "import { nobg } from '@nobg/sharp'",
      '',
      `await nobg(${words.join(', ')}).toFile(${printValue(nameCutout(name, choice.format))})`,
    ].join('\n')
  },
  import(choice, name) {
    const { format } = choice
    const words = Object.entries({ ...toOptions(choice), ...(format !== 'png' && { outputFormat: format }) })
    // TypeScript's types need the marker at the end.
    const query = [...words.map(word => word.join('=')), 'nobg'].join('&')
    return [
      `import cutout from ${printValue(`./${name}?${query}`)}`,
      '',
      '// vite.config.js, and the same for webpack, Rollup, esbuild, …',
      "import nobg from 'unplugin-nobg/vite'",
      'export default { plugins: [nobg()] }',
    ].join('\n')
  },
}

/** `cat.jpg` → `cat-nobg.png` */
export function nameCutout(name: string, format: string): string {
  return `${name.replace(/\.\w+$/, '')}-nobg.${format}`
}

/** @returns a value as JavaScript with single quotes */
function printValue(value: unknown): string {
  if (typeof value !== 'string') return String(value)
  return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}
