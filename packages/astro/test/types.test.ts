import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { models } from '@nobg/core'
import { sync } from 'astro'
import { expect, test } from 'vitest'
import { until } from '../../unplugin/test/support/serve.ts'
import { configOf, contentConfig, createSite, serveSite } from './support/site.ts'

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
import first from './a.jpg?nobg&threshold=0.5'
import urlBeforeModel from './a.jpg?nobg&url&model=u2netp'

const models = [${models.map((_, index) => `model${index}, short${index}`)}]
export const images: ImageMetadata[] = [bare, last, crop, preset, lastPreset, own, sibling, first, ...models]
export const texts: string[] = [url, urlBeforeModel]
// @ts-expect-error ImageMetadata, not any
export const size: number = bare
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

const declarations = '.astro/integrations/_nobg_astro/imports.d.ts'

test('the development server declares an import that is added', async () => {
  const site = await createSite({
    'src/main.ts': "import cat from './cat.jpg?nobg&threshold=0.5'",
    'src/pages/index.astro': '',
  })
  await serveSite(site)
  const read = async () => String(await site.read(declarations))
  expect(await read()).toContain('"*?nobg&threshold=0.5"')
  await site.write('src/main.ts', "import cat from './cat.jpg?nobg&crop=7'")
  await until(async () => (await read()).includes('"*?nobg&crop=7"'))
  expect(await read()).not.toContain('threshold')
})

test('dts: false declares nothing', async () => {
  const site = await createSite({ 'src/pages/index.astro': '', 'tsconfig.json': '{}' })
  await sync(configOf(site, { dts: false }))
  expect(existsSync(site.path(declarations))).toBe(false)
})
