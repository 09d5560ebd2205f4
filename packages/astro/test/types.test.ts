import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { models } from '@nobg/core'
import { sync } from 'astro'
import { expect, test } from 'vitest'
import { configOf, contentConfig, createSite } from './support/site.ts'

const main = `
import type { ImageMetadata } from 'astro'
import bare from './a.jpg?nobg'
import last from './a.jpg?crop&outputFormat=webp&nobg'
import crop from './a.jpg?nobg&crop'
import preset from './a.jpg?nobg=hero'
import lastPreset from './a.jpg?crop&nobg=hero'
import own from './a.jpg?nobg&model=lynx'
import sibling from './a.nobg-hero.jpg'
import url from './a.jpg?nobg&url'
${models.map(({ id }, index) => `import model${index} from './a.jpg?nobg&model=${id}'`).join('\n')}
${models.map(({ id }, index) => `import short${index} from './a.jpg?nobg=${id}'`).join('\n')}
// @ts-expect-error no preset has this name
import mistake from './a.jpg?nobg=hreo'
// @ts-expect-error what follows the marker cannot be matched
import first from './a.jpg?nobg&threshold=0.5'

const models = [${models.map((_, index) => `model${index}, short${index}`)}]
export const images: ImageMetadata[] = [bare, last, crop, preset, lastPreset, own, sibling, ...models]
export const text: string = url
// @ts-expect-error ImageMetadata, not any
export const size: number = bare
export { first, mistake }
`

test('astro sync declares marked imports, presets and models, and processes nothing', async () => {
  const site = await createSite({
    'src/main.ts': main,
    'src/content.config.ts': contentConfig,
    'src/cats/tom.md': '---\ncover: ./cat.nobg.jpg\n---',
    'src/pages/index.astro': "---\nimport cat from '../cat.jpg?nobg'\n---\n{cat.src}",
    'tsconfig.json': '{ "extends": "astro/tsconfigs/strict", "include": [".astro/types.d.ts", "src"] }',
  })
  const cacheDir = site.path('cache')
  const presets = { hero: { crop: true } }
  await sync(configOf(site, { cacheDir, presets, models: { lynx: { path: 'lynx.onnx' } } }))
  expect(existsSync(cacheDir)).toBe(false)
  const tsc = join(import.meta.dirname, '../../../node_modules/.bin/tsc')
  const run = await promisify(execFile)(tsc, ['-p', site.root]).catch(error => error)
  expect(run.stdout).toBe('')
})
