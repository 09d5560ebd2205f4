import { rm } from 'node:fs/promises'
import { expect, test, vi } from 'vitest'
import { halfMatte, opaqueHalf } from '../../unplugin/test/support/matte.ts'
import { expectCutout } from '../../unplugin/test/support/picture.ts'
import { until } from '../../unplugin/test/support/serve.ts'
import { shortenDevWait } from '../../unplugin/test/support/shorten-dev-wait.ts'
import { catsPage, contentConfig, createSite, serveSite } from './support/site.ts'

const files = {
  'src/content.config.ts': contentConfig,
  'src/pages/cats.astro': catsPage,
  'src/cats/tom.md': '---\ncover: ./cat.nobg.jpg\n---\n![cat](./cat.nobg-portrait.jpg)',
  'src/pages/tom.astro': `---
import { Image } from 'astro:assets'
import { getEntry, render } from 'astro:content'
const tom = await getEntry('cats', 'tom')
const { Content } = await render(tom)
---
<Image src={tom.data.cover} alt="cover" /><Content />`,
  'src/pages/cats/[id].astro': `---
import { Image } from 'astro:assets'
import { getCollection, render } from 'astro:content'
export async function getStaticPaths() {
  return (await getCollection('cats')).map(cat => ({ params: { id: cat.id }, props: { cat } }))
}
const { Content } = await render(Astro.props.cat)
---
<Image src={Astro.props.cat.data.cover} alt="cover" /><Content />`,
  'src/pages/index.astro': `---
import { Picture } from 'astro:assets'
import cat from '../cats/cat.jpg?nobg'
---
<Picture src={cat} alt="cat" />`,
}

/** The addresses of a page's pictures. */
const readUrls = (page: string) =>
  [...page.matchAll(/(?:src|srcset)="(\/_image\?.+?)"/g)].map(([, url]) => url.replaceAll('&amp;', '&'))

test('a page and a collection show cutouts, and show new cutouts when the photograph changes', async () => {
  const site = await createSite(files)
  const { get } = await serveSite(site)
  const show = async (path: string) => {
    const urls = readUrls((await get(path)).text)
    expect(urls).toHaveLength(2)
    const pictures = await Promise.all(urls.map(async url => ({ url, bytes: (await get(url)).bytes })))
    return Promise.all(pictures.map(({ url, bytes }) => expectCutout(bytes, /f=(\w+)/.exec(url)![1])))
  }
  const paths = ['/', '/cats', '/tom', '/cats/tom']
  for (const path of paths) expect(await show(path)).toEqual(Array(2).fill({ width: 240, height: 160 }))
  await site.photo('astronaut.jpg', 'src/cats/cat.jpg')
  for (const path of paths) await until(async () => (await show(path)).every(({ width }) => width === 200))
  await rm(site.path('src/cats/cat.jpg'))
  for (const path of paths) await until(async () => (await get(path)).status === 500)
  await site.photo('cat.jpg', 'src/cats/cat.jpg')
  for (const path of paths) await until(async () => (await show(path)).every(({ width }) => width === 240))
})

test('a page and a collection show new cutouts when a matte beside the photograph changes', async () => {
  const site = await createSite(files)
  const { get } = await serveSite(site)
  const show = async (path: string) => {
    const urls = readUrls((await get(path)).text)
    return Promise.all(urls.map(async url => opaqueHalf((await get(url)).bytes)))
  }
  const paths = ['/', '/cats', '/tom', '/cats/tom']
  for (const path of paths) expect(await show(path)).toEqual(['neither', 'neither'])
  for (const side of ['left', 'right'] as const) {
    await site.write('src/cats/cat.matte.png', await halfMatte(side))
    for (const path of paths) await until(async () => (await show(path)).join() === `${side},${side}`)
  }
  await rm(site.path('src/cats/cat.matte.png'))
  for (const path of paths) await until(async () => (await show(path)).join() === 'neither,neither')
})

test('a slow picture of a collection is shown as the photograph, and then replaced by the cutout', async () => {
  const site = await createSite(files)
  shortenDevWait(1)
  const { get } = await serveSite(site, { cacheDir: site.path('cache') })
  expect((await get('/cats')).text).toContain('cat.jpg%3F')
  await until(async () => !(await get('/cats')).text.includes('cat.jpg%3F'))
  for (const url of readUrls((await get('/cats')).text)) await expectCutout((await get(url)).bytes, 'webp')
})

test('a query in a collection is an error in the terminal', async () => {
  const site = await createSite({
    ...files,
    'src/cats/tom.md': '---\ncover: ./cat.jpg\n---\n![](./cat.jpg?nobg)',
  })
  const written = vi.spyOn(process.stderr, 'write')
  const { get } = await serveSite(site)
  expect((await get('/cats')).status).toBe(200)
  const log = written.mock.calls.map(([text]) => String(text)).join('')
  for (const part of [`${site.path('src/cats/tom.md')}:4:5`, './cat.jpg?nobg', 'Write ./cat.nobg.jpg'])
    expect(log).toContain(part)
})
