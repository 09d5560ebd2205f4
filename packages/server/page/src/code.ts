import type { PageModel } from '../../src/http/page-settings.ts'

/** What is chosen in the form. */
export interface Choice {
  model: PageModel
  isDefaultModel: boolean
  resolution: '' | '1024x1024' | '2048x2048'
  format: 'png' | 'webp'
  refine: boolean
}

/** The choice as fal's endpoint takes it; what is the default anyway is left out. */
export function toInput({ model, isDefaultModel, resolution, format, refine }: Choice) {
  return {
    ...(!isDefaultModel && { model: model.value }),
    ...(resolution && { operating_resolution: resolution }),
    ...(format !== 'png' && { output_format: format }),
    ...(!refine && { refine_foreground: false }),
  }
}

/** The same for nobg's own libraries. */
function toOptions({ model, isDefaultModel, resolution, refine }: Choice) {
  return {
    ...(!isDefaultModel && { model: model.id }),
    ...(resolution && { operatingResolution: Number.parseInt(resolution, 10) }),
    ...(!refine && { refineForeground: false }),
  }
}

/** For whom code is printed. */
export type Dialect = 'client' | 'sharp' | 'import'

/** Code that does what the page does. `name` is the photograph's. */
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
    // TypeScript knows the marker where it stands last.
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

/** A value as JavaScript in single quotes. */
function printValue(value: unknown): string {
  if (typeof value !== 'string') return String(value)
  return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}
