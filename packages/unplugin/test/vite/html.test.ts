import { expect, test } from 'vitest'
import { buildProject } from '../support/build.ts'
import { expectCutout } from '../support/picture.ts'
import { createProject } from '../support/project.ts'

test.for([
  ['src', '<img src="./src/cat.jpg?nobg">', /<img src="(.+?)">/],
  ['a bare name with entities', '<img src="src/cat.jpg?nobg&amp;threshold=0.5">', /<img src="(.+?)">/],
  ['no quotes', '<img src=./src/cat.jpg?nobg>', /<img src="(.+?)">/],
  ['a path from the root', '<img src="/src/cat.jpg?nobg">', /<img src="(.+?)">/],
  ['the sibling spelling', '<img src="./src/cat.nobg.jpg">', /<img src="(.+?)">/],
  [
    'srcset',
    '<img srcset="./src/cat.jpg?nobg 1x, https://x.org/a.png 2x">',
    /srcset="(.+?) 1x, https:\/\/x\.org\/a\.png 2x"/,
  ],
  ['source', '<picture><source srcset="./src/cat.jpg?nobg"></picture>', /srcset="(.+?)"/],
  ['link', '<link rel="icon" href="./src/cat.jpg?nobg">', /<link rel="icon" href="(.+?)">/],
  [
    'preload',
    '<link rel="preload" as="image" imagesrcset="./src/cat.jpg?nobg 1x">',
    /imagesrcset="(.+?) 1x"/,
  ],
  ['og:image', '<meta property="og:image" content="./src/cat.jpg?nobg">', /content="(.+?)"/],
  ['poster', '<video poster="./src/cat.jpg?nobg"></video>', /poster="(.+?)"/],
  ['svg image', '<svg><image href="./src/cat.jpg?nobg"/></svg>', /image href="(.+?)"/],
  ['noscript', '<noscript><img src="./src/cat.jpg?nobg"></noscript>', /<noscript><img src="(.+?)">/],
  ['video', '<video src="./src/cat.jpg?nobg"></video>', /<video src="(.+?)"/],
  ['og:video', '<meta property="og:video" content="./src/cat.jpg?nobg">', /content="(.+?)"/],
  ['a template', '<template><img src="./src/cat.jpg?nobg"></template>', /<img src="(.+?)">/],
] as const)('%s', async ([, html, pattern]) => {
  const project = await createProject({ 'index.html': `<!doctype html>${html}` })
  const build = await buildProject(project, { page: true })
  const [, url] = pattern.exec(String(await build.follow('/index.html')))!
  await expectCutout(await build.follow(url))
})

test('additional asset attributes of the config are processed', async () => {
  const html =
    '<!doctype html><img data-dark="./src/cat.jpg?nobg"><x-picture set="./src/cat.jpg?nobg 1x, ./src/cat.jpg?nobg&crop 2x">'
  const project = await createProject({ 'index.html': html })
  const additionalAssetSources = {
    img: { srcAttributes: ['data-dark'] },
    'x-picture': { srcsetAttributes: ['set'] },
  }
  const build = await buildProject(project, { page: true, config: { html: { additionalAssetSources } } })
  const page = String(await build.follow('/index.html'))
  const urls = [...page.matchAll(/\/assets\/[^" ]+/g)]
  expect(urls).toHaveLength(3)
  for (const [url] of urls) await expectCutout(await build.follow(url))
})

test('references of a page in a folder are relative to that folder', async () => {
  const project = await createProject({ 'pages/about.html': '<!doctype html><img src="./cat.jpg?nobg">' })
  await project.photo('cat.jpg', 'pages/cat.jpg')
  const input = project.path('pages/about.html')
  const build = await buildProject(project, { page: true, config: { build: { rolldownOptions: { input } } } })
  const [, url] = /<img src="(.+?)">/.exec(String(await build.follow('/pages/about.html')))!
  await expectCutout(await build.follow(url))
})

test.for([
  ['public/logo.nobg.jpg', '/logo.nobg.jpg'],
  ['src/logo.nobg.jpg', './src/logo.nobg.jpg'],
] as const)('%s may be a real file', async ([file, src]) => {
  const project = await createProject({ 'index.html': `<!doctype html><img src="${src}">` })
  await project.photo('cat.jpg', file)
  const build = await buildProject(project, { page: true })
  const [, url] = /<img src="(.+?)">/.exec(String(await build.follow('/index.html')))!
  expect(await build.follow(url)).toEqual(await project.read(file))
})

test('an inline module is processed', async () => {
  const code =
    "import cat from './src/cat.jpg?nobg'; console.log(cat, new URL('./src/cat.jpg?nobg', import.meta.url))"
  const project = await createProject({
    'index.html': `<!doctype html><script type="module">${code}</script>`,
  })
  const build = await buildProject(project, { page: true })
  const script = String(await build.follow(`/${build.names.find(name => name.endsWith('.js'))}`))
  expect(script).not.toMatch('cat.jpg?nobg')
  await expectCutout(await build.follow(/"(\/assets\/cat-.+?)"/.exec(script)![1]))
})

test('text and other URLs stay unchanged', async () => {
  const html = `<!doctype html><p>import './a.jpg?nobg', new URL('./a.jpg?nobg', import.meta.url)</p><img src="https://x.org/a.jpg?nobg"><!-- <img src="./a.jpg?nobg"> -->`
  const project = await createProject({ 'index.html': html })
  const build = await buildProject(project, { page: true })
  expect(String(await build.follow('/index.html'))).toContain(html.slice('<!doctype html>'.length))
})
