import { expect, test } from 'vitest'
import { expectCutout } from '../../unplugin/test/support/picture.ts'
import type { CutoutReport } from '../src/index.ts'
import { buildSite, catsPage, contentConfig, createSite } from './support/site.ts'

const files = {
  'src/pages/index.astro': `---
import { getImage, Image, Picture } from 'astro:assets'
import cat from '../cat.jpg?nobg&model=portrait'
import head from '../astronaut.jpg?outputFormat=webp&nobg=hero'
const { src } = await getImage({ src: cat, width: 50 })
---
<script type="application/json" set:html={JSON.stringify({ cat, head })} />
<Image src={cat} alt="cat" />
<Picture src={cat} alt="cat" widths={[60, 120]} formats={['avif', 'webp']} />
<Picture src={head} alt="head" />
<img src={src}><div></div>
<style>div { background: url(../cat.jpg?nobg) }</style>`,
  'src/pages/markdown.md': '![cat](../cat.jpg?nobg=u2netp)\n![cat](../cat.nobg.jpg)',
  'src/pages/cats.astro': catsPage,
  'src/content.config.ts': contentConfig,
  'src/cats/tom.md': '---\ncover: ./cat.nobg.jpg\n---\n![head](../astronaut.nobg-hero.jpg)',
}

test('all emitted pictures of pages, Markdown and collections are cutouts', async () => {
  const site = await createSite(files)
  await site.photo('astronaut.jpg', 'src/astronaut.jpg')
  const presets = { hero: { crop: true } } as const
  const reports: CutoutReport[] = []
  const options = { presets, onCutout: (report: CutoutReport) => reports.push(report) }
  const built = await buildSite(site, options)

  const index = String(await built.read('index.html'))
  const { cat, head } = JSON.parse(/json">(.+?)</.exec(index)![1])
  expect(cat).toEqual({
    src: expect.stringMatching(/^\/_astro\/cat\..+\.png$/),
    width: 240,
    height: 160,
    format: 'png',
  })
  expect(head).toMatchObject({
    format: 'webp',
    src: expect.stringMatching(/^\/_astro\/astronaut\..+\.webp$/),
  })

  const pages = await Promise.all(['markdown/index.html', 'cats/index.html'].map(built.read))
  const urls = [index, ...pages].map(page => [...String(page).matchAll(/\/_astro\/[\w.-]+/g)].map(String))
  expect(urls.map(({ length }) => length > 1)).toEqual([true, true, true])
  expect(built.pictures.sort()).toEqual([...new Set(urls.flat())].map(url => url.slice(1)).sort())
  for (const file of built.pictures) await expectCutout(await built.read(file), file.replace(/.*\./, ''))
  // The fallback of Picture is JPEG for photographs, and PNG for images that may be transparent.
  expect(new Set(built.pictures.map(file => file.replace(/.*\./, '')))).toEqual(
    new Set(['avif', 'png', 'webp']),
  )

  reports.length = 0
  const again = await buildSite(site, options)
  expect(again.pictures).toEqual(built.pictures)
  expect(reports.map(({ cached }) => cached)).toEqual([true, true, true, true])
})

test('if nobg is off, the originals are shown', async () => {
  const site = await createSite({ ...files, 'src/pages/index.astro': catsPage })
  await site.photo('astronaut.jpg', 'src/astronaut.jpg')
  const built = await buildSite(site, { enabled: false })
  expect(String(await built.read('index.html')).match(/_astro\/(?:cat|astronaut)\./g)).toHaveLength(2)
})
