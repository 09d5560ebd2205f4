import type { Plugin } from 'vite'
import { expect, test } from 'vitest'
import { buildProject, failBuild, testNobg } from '../support/build.ts'
import { expectCutout } from '../support/picture.ts'
import { createProject } from '../support/project.ts'

test.for([
  ['url() without quotes', 'a { background: url(./cat.jpg?nobg) }', 1],
  ['url() with quotes', 'a { background: url("./cat.jpg?nobg") }', 1],
  ['a bare name', 'a { background: url(cat.jpg?nobg) }', 1],
  ['a path from the root', 'a { background: url(/src/cat.jpg?nobg) }', 1],
  ['an alias', "a { background: url('@/cat.jpg?nobg') }", 1],
  ['the sibling spelling', 'a { background: url(./cat.nobg.jpg) }', 1],
  [
    'image-set() of strings',
    'a { background: image-set("cat.jpg?nobg" 1x, "cat.jpg?nobg&threshold=0.5" 2x) }',
    2,
  ],
  ['a custom property', 'a { --cat: url(./cat.jpg?nobg) }', 1],
  ['an escaped character', 'a { background: url(./cat\\.jpg?nobg) }', 1],
] as const)('%s', async ([, css, count]) => {
  const project = await createProject({ 'src/main.js': "import './main.css'", 'src/main.css': css })
  const config = { resolve: { alias: { '@': project.path('src') } } }
  const build = await buildProject(project, { config })
  const urls = await cssUrls(build)
  expect(urls).toHaveLength(count)
  for (const url of urls) await expectCutout(await build.follow(url))
})

test('other words, fragments, other URLs and comments stay unchanged', async () => {
  const css = [
    'a { background: url(./cat.jpg?nobg&v=2#x) }',
    'b { background: url(https://example.com/a.jpg?nobg) }',
    'i { background: url(data:image/png;base64,AA==) }',
    '/* "./missing.jpg?nobg" */',
  ].join('\n')
  const project = await createProject({ 'src/main.js': "import './main.css'", 'src/main.css': css })
  const [first, ...others] = await cssUrls(await buildProject(project))
  expect(first).toMatch(/^\/assets\/cat-[\w-]+\.webp\?v=2#x$/)
  expect(others).toEqual(['https://example.com/a.jpg?nobg', 'data:image/png;base64,AA=='])
})

test('style sheets imported as a string, as text and as a URL are processed', async () => {
  const project = await createProject({
    'src/main.js': [
      "export { default as inline } from './main.css?inline'",
      "export { default as raw } from './main.css?raw'",
      "export { default as url } from './main.css?url'",
    ].join('\n'),
    'src/main.css': 'a { background: url(./cat.jpg?nobg) }',
  })
  const build = await buildProject(project)
  const { inline, raw, url } = await build.run()
  expect(raw).toBe(String(await project.read('src/main.css')))
  for (const css of [inline, String(await build.follow(url))]) {
    await expectCutout(await build.follow(/url\("?(.+?)"?\)/.exec(css)![1]))
  }
})

test('CSS modules are processed', async () => {
  const project = await createProject({
    'src/main.js': "export { default as classes } from './main.module.css'",
    'src/main.module.css': '.cat { background: url(./cat.jpg?nobg) }',
  })
  const build = await buildProject(project)
  expect((await build.run()).classes).toHaveProperty('cat')
  await expectCutout(await build.follow((await cssUrls(build))[0]))
})

test('the output of an earlier plugin, such as Tailwind, is processed', async () => {
  const project = await createProject({ 'src/main.js': "import './main.css'", 'src/main.css': '@tailwind' })
  const writer: Plugin = {
    name: 'writer',
    enforce: 'pre',
    transform: (_, id) => (id.endsWith('.css') ? 'a { background: url(./cat.jpg?nobg) }' : undefined),
  }
  const build = await buildProject(project, { plugins: [writer, testNobg()] })
  await expectCutout(await build.follow((await cssUrls(build))[0]))
})

test('style blocks and style attributes of a page are processed', async () => {
  const project = await createProject({
    'index.html': `<!doctype html><style>a { background: url(./src/cat.jpg?nobg) }</style><p style="background: url('./src/cat.jpg?nobg')">`,
  })
  const build = await buildProject(project, { page: true })
  const urls = [...String(await build.follow('/index.html')).matchAll(/url\((?:"|'|&quot;)?([^"'&)]+)/g)]
  expect(urls).toHaveLength(2)
  for (const [, url] of urls) await expectCutout(await build.follow(url))
})

test.for([
  ['@import', { 'src/main.css': '@import "./sub/theme.css";' }],
  [
    '@import at second hand',
    { 'src/main.css': '@import "./deep.css";', 'src/deep.css': '@import url(./sub/theme.css)' },
  ],
] as const)('a style sheet imported with %s is processed', async ([, files]) => {
  const project = await createProject({
    'src/main.js': "import './main.css'",
    'src/sub/theme.css': 'a { background: url(../cat.jpg?nobg) }',
    ...files,
  })
  const build = await buildProject(project)
  const [url] = await cssUrls(build)
  await expectCutout(await build.follow(url))
})

test('an error in an imported style sheet has the location in that style sheet', async () => {
  const project = await createProject({
    'src/main.js': "import './main.css'",
    'src/main.css': '@import "./sub/theme.css";',
    'src/sub/theme.css': 'a {\n  background: url(./missing.jpg?nobg)\n}',
  })
  const message = await failBuild(project)
  expect(message).toMatch("Imported as './missing.jpg?nobg' from ./src/sub/theme.css:2:19")
})

async function cssUrls(build: Awaited<ReturnType<typeof buildProject>>): Promise<string[]> {
  const css = String(await build.follow(build.names.find(name => name.endsWith('.css'))!))
  return [...css.matchAll(/url\(["']?(.+?)["']?\)/g)].map(([, url]) => url)
}
