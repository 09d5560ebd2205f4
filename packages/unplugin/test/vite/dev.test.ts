import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testNobg } from '../support/build.ts'
import { createGatedStore } from '../support/gated-store.ts'
import { expectCutout, expectOpaque } from '../support/picture.ts'
import { createProject } from '../support/project.ts'
import { listenHot, serveProject, until } from '../support/serve.ts'
import { shortenDevWait } from '../support/shorten-dev-wait.ts'

const files = {
  'index.html':
    '<!doctype html><img src="./src/cat.jpg?nobg"><script type="module" src="/src/main.js"></script>',
  'src/main.js':
    "import cat from './cat.jpg?nobg'\nimport './main.css'\nexport { cat }\nimport.meta.hot?.accept()",
  'src/main.css': 'a { background: url(./cat.jpg?nobg) }',
}

test('starting the server and scanning dependencies process nothing', async () => {
  const project = await createProject({
    ...files,
    'src/main.js': `${files['src/main.js']}\nimport './missing.jpg?nobg'\nimport 'pets/cat.nobg.jpg'`,
    'node_modules/pets/package.json': '{ "name": "pets" }',
  })
  await project.photo('cat.jpg', 'node_modules/pets/cat.jpg')
  const { server, log } = await serveProject(project, testNobg({ cacheDir: project.path('cache') }))
  await server.environments.client.depsOptimizer?.scanProcessing
  expect(log.join('\n')).not.toMatch(/nobg|Failed/)
})

test('JavaScript, style sheet, page and server module get the cutout', async () => {
  const project = await createProject(files)
  const { server, get } = await serveProject(project)
  const [, module] = /"([^"]+\.webp\?import)"/.exec((await get('/src/main.js')).text)!
  const [, fromModule] = /"([^"]+\.webp)"/.exec((await get(module)).text)!
  const [, fromCss] = /url\((?:\\")?(.+?)(?:\\")?\)/.exec((await get('/src/main.css?import')).text)!
  const [, fromPage] = /<img src="(.+?)"/.exec((await get('/')).text)!
  const { cat } = await server.ssrLoadModule('/src/main.js')
  expect(new Set([fromModule, fromCss, fromPage, cat])).toHaveProperty('size', 1)
  const { bytes, type } = await get(cat)
  expect(type).toBe('image/webp')
  await expectCutout(bytes)
})

test.each([
  ['events of the system', { usePolling: false }],
  [
    'polling, with an own list of ignored files',
    { usePolling: true, interval: 100, ignored: ['**/none/**'] },
  ],
])('a cache in the project is not watched (%s)', async (_, watch) => {
  const project = await createProject(files)
  const plugin = testNobg({ cacheDir: project.path('cache') })
  const { server, get } = await serveProject(project, plugin, { server: { watch } })
  await expectCutout((await get('/src/cat.jpg?nobg')).bytes)
  const added: string[] = []
  server.watcher.on('add', path => added.push(path))
  // Written after the picture, so the watcher has seen the picture, too.
  await project.write('src/later.txt', '')
  await until(() => added.some(path => path.endsWith('later.txt')))
  const watched = Object.entries(server.watcher.getWatched()).flatMap(([dir, names]) =>
    names.map(name => join(dir, name)),
  )
  expect(watched).toContain(project.path('src/cat.jpg'))
  expect(watched.filter(path => path.startsWith(project.path('cache')))).toEqual([])
})

test('a server without a watcher starts', async () => {
  const project = await createProject(files)
  const { get } = await serveProject(project, testNobg({ cacheDir: project.path('cache') }), {
    server: { watch: null },
  })
  await expectCutout((await get('/src/cat.jpg?nobg')).bytes)
})

test('a base is part of the served URLs', async () => {
  const project = await createProject(files)
  const { get } = await serveProject(project, testNobg(), { base: '/shop/' })
  const [, url] = /<img src="(.+?)"/.exec((await get('/shop/')).text)!
  await expectCutout((await get(url)).bytes)
})

test.for([
  ['/shop/src/cat.jpg?nobg', 'webp'],
  ['/shop/src/cat.jpg?nobg&outputFormat=webp&v=1', 'webp'],
  ['/shop/src/cat.nobg.jpg', 'webp'],
])("%s, a URL in Vue's templates, is served as a cutout", async ([url, format]) => {
  const project = await createProject(files)
  const served = await serveProject(project, testNobg(), { base: '/shop/' })
  const hot = await listenHot(served)
  await expectCutout((await served.get(url)).bytes, format)
  await project.photo('astronaut.jpg', 'src/cat.jpg')
  await until(() => hot.some(({ type }) => type === 'full-reload'))
  expect(await expectCutout((await served.get(url)).bytes, format)).toEqual({ width: 200, height: 200 })
})

test('a marked URL of a file outside the project is not served', async () => {
  const project = await createProject({ 'app/index.html': '' })
  const { get } = await serveProject(project, testNobg(), {
    root: project.path('app'),
    server: { fs: { allow: [project.path('app')] } },
  })
  for (const url of ['/%2e%2e/src/cat.jpg?nobg', `/@fs${project.path('src/cat.jpg')}?nobg`]) {
    expect((await get(url)).type).not.toContain('image')
  }
})

test('a changed photograph updates the modules that refer to it', async () => {
  const project = await createProject(files)
  const served = await serveProject(project)
  const { server, get } = served
  const hot = await listenHot(served)
  await get('/')
  const before = await get('/src/main.js')
  await get('/src/main.css?import')
  const { cat } = await server.ssrLoadModule('/src/main.js')

  await project.photo('astronaut.jpg', 'src/cat.jpg')
  await until(() => hot.some(({ type }) => type === 'full-reload'))
  await until(() => hot.some(payload => payload.type === 'update' && payload.updates.length === 2))
  const updates = hot.flatMap(payload => (payload.type === 'update' ? payload.updates : []))
  expect(updates.map(({ path }) => path).sort()).toEqual(['/src/main.css', '/src/main.js'])
  expect((await get('/src/main.js')).text).not.toBe(before.text)
  const renewed = await server.ssrLoadModule('/src/main.js')
  expect(renewed.cat).not.toBe(cat)
  expect(await expectCutout((await get(renewed.cat)).bytes)).toEqual({ width: 200, height: 200 })
})

test('a missing photograph is reported with its location, and the error ends when the file is added', async () => {
  const project = await createProject({
    'src/main.js': "export { default as a } from './new.jpg?nobg'\nimport.meta.hot?.accept()",
  })
  const served = await serveProject(project)
  const { get, log } = served
  const hot = await listenHot(served)
  expect((await get('/src/main.js')).status).toBe(500)
  const error = hot.find(payload => payload.type === 'error')?.err
  expect(error).toMatchObject({ loc: { file: project.path('src/main.js'), line: 1, column: 30 } })
  for (const part of [project.path('src/new.jpg'), "'./new.jpg?nobg'", 'got nothing']) {
    expect(error?.message).toContain(part)
    expect(log.join('\n')).toContain(part)
  }
  hot.length = 0
  await project.photo('cat.jpg', 'src/new.jpg')
  await until(() => hot.some(({ type }) => type === 'update' || type === 'full-reload'))
  expect((await get('/src/main.js')).status).toBe(200)
})

test.for([
  ['missing.jpg', '/src/main.js', { 'src/main.js': "export { default } from './missing.jpg?nobg'" }],
  ['missing.jpg', '/src/main.css?import', { 'src/main.css': 'a { background: url(./missing.jpg?nobg) }' }],
] as const)('adding %s reloads a page that failed to load %s', async ([photo, url, own]) => {
  const project = await createProject({ ...files, ...own })
  const served = await serveProject(project)
  const hot = await listenHot(served)
  expect((await served.get(url)).status).toBe(500)
  await project.photo('cat.jpg', `src/${photo}`)
  await until(() => hot.some(({ type }) => type === 'full-reload'))
  expect((await served.get(url)).status).toBe(200)
})

test('a page is reloaded when its misspelled import is fixed', async () => {
  const project = await createProject({ 'src/main.js': "export { default } from './cat.jpg?nobg&modle'" })
  const served = await serveProject(project)
  const hot = await listenHot(served)
  expect((await served.get('/src/main.js')).status).toBe(500)
  await project.write('src/main.js', "export { default } from './cat.jpg?nobg'")
  await until(() => hot.some(({ type }) => type === 'full-reload'))
})

test('a picture is made again when the cache is emptied while the server runs', async () => {
  const project = await createProject(files)
  const cacheDir = project.path('cache')
  const { get } = await serveProject(project, testNobg({ cacheDir }), { base: '/shop/' })
  const [, url] = /"([^"]+\.webp)\?import"/.exec((await get('/shop/src/main.js')).text)!
  await expectCutout((await get(url)).bytes)
  await rm(cacheDir, { recursive: true })
  await expectCutout((await get(url)).bytes)
})

test('a damaged photograph is reported, and the error ends when the file is fixed', async () => {
  const project = await createProject({
    ...files,
    'src/bad.jpg': 'no image',
    'src/bad.js': "export { default as bad } from './bad.jpg?nobg'",
  })
  const served = await serveProject(project)
  const { get } = served
  const hot = await listenHot(served)
  expect((await get('/src/bad.js')).status).toBe(200)
  await until(() => hot.some(({ type }) => type === 'error'))
  const error = hot.find(payload => payload.type === 'error')?.err
  expect(error?.message).toContain(project.path('src/bad.jpg'))
  expect(error?.loc).toMatchObject({ file: project.path('src/bad.js'), line: 1 })
  expect((await get('/src/main.js')).status).toBe(200)
  hot.length = 0
  await project.photo('cat.jpg', 'src/bad.jpg')
  await until(() => hot.some(({ type }) => type === 'update' || type === 'full-reload'))
  expect((await get('/src/bad.js')).status).toBe(200)
})

test.for([
  ['src/main.css', '/src/main.css?import', 'a {\n  background: url(./no.jpg?nobg)\n}', 2],
  ['index.html', '/', '<!doctype html>\n<img src="src/no.jpg?nobg">', 2],
] as const)('an error in %s has file and line', async ([file, url, content, line]) => {
  const project = await createProject({ ...files, [file]: content })
  const { get, log } = await serveProject(project)
  expect((await get(url)).status).toBe(500)
  expect(log.join('\n')).toContain(`${project.path(file)}:${line}:`)
})

test('the photograph is served for a slow picture until it is done, and no page is reloaded', async () => {
  shortenDevWait(1)
  const project = await createProject(files)
  const { store, open } = createGatedStore(project.path('cache'), project.path('cache'))
  const plugin = testNobg({ store, cacheDir: project.path('cache') })
  const served = await serveProject(project, plugin)
  const { get, log, server } = served
  const hot = await listenHot(served)
  const pages = () => Promise.all(['/src/main.js', '/src/main.css?import', '/'].map(get))
  const before = (await pages()).map(({ text }) => text)
  const { cat } = await server.ssrLoadModule('/src/main.js')
  for (const text of before) expect(text).toContain(cat)
  await expectOpaque((await get(cat)).bytes)
  await expectOpaque((await get('/src/cat.jpg?nobg')).bytes)
  open()
  await until(() => hot.some(({ type }) => type === 'custom'))
  expect(hot).toEqual([
    { type: 'connected' },
    { type: 'custom', event: 'nobg:renewed', data: { urls: [cat, '/src/cat.jpg?nobg'] } },
  ])
  expect((await pages()).map(({ text }) => text)).toEqual(before)
  await expectCutout((await get(`${cat}?t=1`)).bytes)
  await expectCutout((await get('/src/cat.jpg?nobg&t=1')).bytes)
  expect(log.join('\n')).toMatch(/is not ready after .+ shows the photograph until the cutout is ready/)
  expect(log.join('\n')).toMatch(/is ready after .+ and replaces the photograph/)
})

test('two pictures of a photograph, whose files have the same name, are renewed each', async () => {
  shortenDevWait(1)
  const project = await createProject({
    'src/main.js':
      "export { default as one } from './cat.jpg?nobg'\nexport { default as other } from './cat.jpg?nobg&crop'",
  })
  const { store, open } = createGatedStore(project.path('cache'), project.path('cache'))
  const served = await serveProject(project, testNobg({ store, cacheDir: project.path('cache') }))
  const { get, server } = served
  const hot = await listenHot(served)
  const { one, other } = await server.ssrLoadModule('/src/main.js')
  for (const url of [one, other]) {
    expect(url).toMatch(/\/cat\.webp$/)
    await expectOpaque((await get(url)).bytes)
  }
  open()
  const renewed = () =>
    hot.flatMap(payload => (payload.type === 'custom' ? (payload.data.urls as string[]) : []))
  await until(() => renewed().length === 2)
  expect(renewed().sort()).toEqual([one, other].sort())
  const sizes = await Promise.all(
    [one, other].map(async url => expectCutout((await get(`${url}?t=1`)).bytes)),
  )
  expect(sizes[0]).not.toEqual(sizes[1])
})

test('a plugin that reads the file gets the photograph of a slow picture, and then the picture', async () => {
  shortenDevWait(1)
  const project = await createProject({
    'src/main.js': "export { default } from './cat.jpg?nobg&inline'",
  })
  const { store, open } = createGatedStore(project.path('cache'), project.path('cache'))
  const plugin = testNobg({ store, cacheDir: project.path('cache') })
  const { get } = await serveProject(project, plugin)
  const importOf = async () => /"([^"]+)"/.exec((await get('/src/main.js')).text)?.[1] ?? ''
  expect((await get(await importOf())).text).toContain('data:image/jpeg')
  open()
  await until(async () => (await get(await importOf())).text.includes('data:image/webp'))
})

test('three image requests of a client wait, and the others get the photograph', async () => {
  const project = await createProject(files)
  const { store, open } = createGatedStore(project.path('cache'), project.path('cache'))
  const { get, origin } = await serveProject(project, testNobg({ store, cacheDir: project.path('cache') }))
  await get('/src/main.js')
  const headers = { accept: 'image/avif,image/webp,*/*' }
  const ask = async () => (await fetch(`${origin}/src/cat.jpg?nobg`, { headers })).headers.get('content-type')
  const answers: (string | null)[] = []
  const requests = Array.from({ length: 5 }, () => ask().then(type => answers.push(type)))
  await until(() => answers.length === 2)
  expect(answers).toEqual(['image/jpeg', 'image/jpeg'])
  open()
  await Promise.all(requests)
  expect(answers.slice(2)).toEqual(['image/webp', 'image/webp', 'image/webp'])
})

test('the failure of a slow picture is reported', async () => {
  const project = await createProject({ ...files, 'src/cat.jpg': 'no image' })
  shortenDevWait(0)
  const served = await serveProject(project)
  const { get, log } = served
  const hot = await listenHot(served)
  expect((await get('/src/main.js')).status).toBe(200)
  await until(() => hot.some(({ type }) => type === 'error'))
  expect(log.join('\n')).toContain(project.path('src/cat.jpg'))
})

test("with dev: 'wait' a request waits for the picture", async () => {
  const project = await createProject(files)
  shortenDevWait(0)
  const plugin = testNobg({ cacheDir: project.path('cache'), dev: 'wait' })
  const { get, server } = await serveProject(project, plugin)
  await expectCutout((await get((await server.ssrLoadModule('/src/main.js')).cat)).bytes)
})

test('an imported style sheet gets the cutout, and is updated with the photograph', async () => {
  const project = await createProject({
    ...files,
    'src/main.css': '@import "./sub/theme.css";',
    'src/sub/theme.css': 'a { background: url(../cat.jpg?nobg) }',
  })
  const served = await serveProject(project)
  const readUrl = async () =>
    /url\((?:\\")?(.+?)(?:\\")?\)/.exec((await served.get('/src/main.css?import')).text)?.[1] ?? ''
  const first = await readUrl()
  await expectCutout((await served.get(first)).bytes)
  await project.photo('astronaut.jpg', 'src/cat.jpg')
  await until(async () => (await readUrl()) !== first)
  await expectCutout((await served.get(await readUrl())).bytes)
})

test.for([
  ['/', '<img src="./src/cat.jpg?nobg">'],
  ['/index.html', '<img src="./src/cat.jpg?nobg">'],
  ['', '<img src="./src/cat.jpg?nobg">'],
  ['/?draft#top', '<img src="src/cat.jpg?nobg">'],
  ['/blog/post', '<img src="./src/cat.jpg?nobg">'],
  ['/blog/post/', '<img srcset="./src/cat.jpg?nobg 2x">'],
  ['/blog/post', '<style>img { background: url(./src/cat.jpg?nobg) }</style>'],
  ['/', '<style>img { background: url(./src/cat.jpg?nobg) }</style>'],
  ['/blog/post', '<p style="background: url(./src/cat.jpg?nobg)">'],
  ['/shop/', '<img src="./cat.jpg?nobg">'],
  ['/shop/cart', '<style>img { background: url(cat.jpg?nobg) }</style>'],
  ['/photos/of/cats', '<img src="./dog.jpg?nobg">'],
] as const)('a template rendered for %j is processed: %s', async ([url, html]) => {
  const project = await createProject({ 'index.html': '', 'shop/index.html': '' })
  await project.photo('cat.jpg', 'shop/cat.jpg')
  // There is no page in this folder: the URL path selects it.
  await project.photo('cat.jpg', 'photos/of/dog.jpg')
  const { server, get } = await serveProject(project, testNobg(), {
    appType: 'custom',
  })
  const page = await server.transformIndexHtml(url, `<!doctype html>${html}`)
  const [picture] = /\/[^\s"'()&;]+\.webp/.exec(page)!
  await expectCutout((await get(picture)).bytes)
})

test.for([
  ['/blog/post', '<img src="./src/no.jpg?nobg">'],
  ['/blog/post', '<style>img { background: url(./src/no.jpg?nobg) }</style>'],
] as const)('a missing photograph in a template for %s is reported: %s', async ([url, html]) => {
  const project = await createProject({ 'index.html': html })
  const { server } = await serveProject(project, testNobg(), { appType: 'custom' })
  const error = await server.transformIndexHtml(url, html).then(
    () => undefined,
    reason => reason,
  )
  for (const part of ['got nothing at this path', project.path('src/no.jpg'), project.path('index.html:1:')])
    expect(error?.message).toContain(part)
})

test('an inline script and a style block of a page in a folder get the cutout', async () => {
  const script =
    "import cat from './cat.jpg?nobg'; console.log(cat, new URL('./cat.jpg?nobg', import.meta.url))"
  const style = 'a { background: url(./cat.jpg?nobg) }'
  const page = `<!doctype html><style>${style}</style><script type="module">${script}</script>`
  const project = await createProject({ 'pages/about.html': page })
  await project.photo('astronaut.jpg', 'pages/cat.jpg')
  const served = await serveProject(project)
  const hot = await listenHot(served)
  const html = (await served.get('/pages/about.html')).text
  const [fromStyle] = /\/[^\s"'()&;]+\.webp/.exec(html)!
  const [, src] = /<script type="module" src="([^"]+html-proxy[^"]+)"/.exec(html)!
  const code = (await served.get(src.replaceAll('&amp;', '&'))).text
  const [fromScript] = /\/[^\s"'()&;]+\.webp/.exec(code)!
  for (const url of [fromStyle, fromScript])
    expect(await expectCutout((await served.get(url)).bytes)).toEqual({ width: 200, height: 200 })
  await project.photo('cat.jpg', 'pages/cat.jpg')
  await until(() => hot.some(({ type }) => type === 'full-reload'))
})

test.for(['/', '/app/'])('a marked URL of a public file under %s is an error with the reason', async base => {
  const project = await createProject({ 'index.html': '<!doctype html>' })
  await project.photo('cat.jpg', 'public/a b.jpg')
  const { get } = await serveProject(project, testNobg(), { base })
  const { status, text } = await get(`${base}a%20b.jpg?nobg`)
  expect(status).toBe(500)
  expect(text).toMatch('got a file of the public folder')
})
