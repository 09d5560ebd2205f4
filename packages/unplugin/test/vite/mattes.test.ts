import { cp, readdir, rename, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build, type HotPayload, type Rolldown } from 'vite'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Options } from '../../src/vite.ts'
import { buildProject, failBuild, testNobg } from '../support/build.ts'
import { halfMatte, listKept, opaqueHalf } from '../support/matte.ts'
import { createProject, type Project } from '../support/project.ts'
import { listenHot, type Served, serveProject, until } from '../support/serve.ts'

beforeEach(() => {
  vi.stubEnv('NOBG_FROZEN', '0')
  return () => vi.unstubAllEnvs()
})

const files = {
  'src/main.js':
    "import './main.css'\nexport { default as cat } from './cat.jpg?nobg'\nimport.meta.hot?.accept()",
  'src/main.css': 'a { background: url(./cat.jpg?nobg) }',
}

/** The half of the cutout that the server's module shows. */
async function halfOf({ server, get }: Served): Promise<string> {
  const { cat } = await server.ssrLoadModule('/src/main.js')
  return opaqueHalf((await get(cat)).bytes)
}

function listUpdates(hot: readonly HotPayload[]): string[] {
  const paths = hot.flatMap(payload => (payload.type === 'update' ? payload.updates : []))
  return [...new Set(paths.map(({ path }) => path))].sort()
}

describe('the development server', () => {
  /** Serves a project of which the browser has loaded module and style sheet. */
  async function open(project: Project, options: Options = {}) {
    const served = await serveProject(
      project,
      testNobg({ cacheDir: project.path('node_modules/.cache/nobg'), ...options }),
    )
    const hot = await listenHot(served)
    await served.get('/src/main.js')
    await served.get('/src/main.css?import')
    expect(await halfOf(served)).toBe('neither')
    return { served, hot }
  }

  test('updates module and style sheet when a matte is created, changed and removed', async () => {
    const project = await createProject(files)
    const { served, hot } = await open(project)
    for (const side of ['left', 'right'] as const) {
      hot.length = 0
      await project.write('src/cat.matte.png', await halfMatte(side))
      await until(async () => (await halfOf(served)) === side)
      await until(() => listUpdates(hot).join() === '/src/main.css,/src/main.js')
      await served.get('/src/main.js')
      await served.get('/src/main.css?import')
    }
    hot.length = 0
    await rm(project.path('src/cat.matte.png'))
    await until(async () => (await halfOf(served)) === 'neither')
    await until(() => listUpdates(hot).join() === '/src/main.css,/src/main.js')
  })

  test('updates when a kept matte is corrected, and not when it keeps a matte itself', async () => {
    const project = await createProject({ ...files, 'index.html': '<!doctype html>' })
    const { served, hot } = await open(project, { mattes: 'mattes' })
    const [file] = await listKept(project)
    // The watcher polls: it has seen the matte once it has seen a later file.
    await project.write('index.html', '<!doctype html>later')
    await until(() => hot.some(({ type }) => type === 'full-reload'))
    expect(listUpdates(hot)).toEqual([])
    expect(hot.filter(({ type }) => type === 'full-reload')).toHaveLength(1)
    await project.write(file, await halfMatte('right'))
    await until(async () => (await halfOf(served)) === 'right')
    await until(() => listUpdates(hot).includes('/src/main.js'))
  })

  test('updates when a kept matte is emptied and then written', async () => {
    const project = await createProject({ ...files, 'index.html': '<!doctype html>' })
    const { served, hot } = await open(project, { mattes: 'mattes' })
    const [file] = await listKept(project)
    await project.write(file, '')
    await until(() => hot.some(({ type }) => type === 'error' || type === 'update'))
    await served.get('/src/main.js')
    await until(() => hot.some(({ type }) => type === 'error'))
    await project.write(file, await halfMatte('right'))
    await until(async () => (await halfOf(served)) === 'right')
  })

  test('reports a wrong matte until it is fixed', async () => {
    const project = await createProject({ ...files, 'src/cat.matte.png': 'no image' })
    const served = await serveProject(project, testNobg())
    const hot = await listenHot(served)
    await served.get('/src/main.js')
    await until(() => hot.some(({ type }) => type === 'error'))
    const error = hot.find(payload => payload.type === 'error')?.err
    expect(error?.message).toContain(project.path('src/cat.matte.png'))
    hot.length = 0
    await project.write('src/cat.matte.png', await halfMatte('left'))
    await until(() => hot.some(({ type }) => type === 'update' || type === 'full-reload'))
    await until(async () => (await halfOf(served)) === 'left')
  })

  test('sees a new matte beside a photograph outside the root', async () => {
    const project = await createProject({
      'app/src/main.js': "export { default as cat } from '../../photos/cat.jpg?nobg'",
    })
    await project.photo('cat.jpg', 'photos/cat.jpg')
    const config = { root: project.path('app'), server: { fs: { allow: [project.root] } } }
    const served = await serveProject(project, testNobg(), config)
    expect(await halfOf(served)).toBe('neither')
    await project.write('photos/cat.matte.png', await halfMatte('right'))
    await until(async () => (await halfOf(served)) === 'right')
  })

  test('reloads a page', async () => {
    const project = await createProject({ 'index.html': '<!doctype html><img src="./src/cat.jpg?nobg">' })
    const served = await serveProject(project)
    const hot = await listenHot(served)
    await served.get('/')
    await project.write('src/cat.matte.png', await halfMatte('left'))
    await until(() => hot.some(({ type }) => type === 'full-reload'))
    const [, url] = /<img src="(.+?)"/.exec((await served.get('/')).text) ?? []
    expect(await opaqueHalf((await served.get(url)).bytes)).toBe('left')
  })
})

describe('a query', () => {
  test('names a matte relative to the importer, in a module, a style sheet, a page and new URL()', async () => {
    const project = await createProject({
      'index.html':
        '<!doctype html><link rel="stylesheet" href="./src/css/main.css"><img src="./src/cat.jpg?nobg&amp;matte=./mine/right.png"><script type="module" src="/src/main.js"></script>',
      'src/css/main.css': 'a { background: url(../cat.jpg?nobg&matte=../../mine/right.png) }',
      'src/main.js': `import cat from './cat.jpg?nobg&matte=../mine/right.png'
        console.log(cat, new URL('./cat.jpg?nobg&matte=../mine/right.png', import.meta.url))`,
    })
    await project.write('src/cat.matte.png', await halfMatte('left'))
    await project.write('mine/right.png', await halfMatte('right'))
    const { names } = await buildProject(project, { page: true })
    const pictures = names.filter(name => name.endsWith('.webp'))
    expect(pictures).toHaveLength(1)
    expect(await opaqueHalf(await project.read(`dist/${pictures[0]}`))).toBe('right')
    for (const text of [
      names.find(name => name.endsWith('.css')),
      names.find(name => name.endsWith('.js')),
      'index.html',
    ])
      expect(String(await project.read(`dist/${text}`))).toContain(pictures[0])
  })

  test('uses the aliases of the project', async () => {
    const project = await createProject({
      'src/main.js': "export { default as cat } from './cat.jpg?nobg&matte=@mine/right.png'",
    })
    await project.write('mine/right.png', await halfMatte('right'))
    const config = { resolve: { alias: { '@mine': project.path('mine') } } }
    const { follow, run } = await buildProject(project, { config })
    expect(await opaqueHalf(await follow((await run()).cat))).toBe('right')
  })

  test.for([
    ['matte=./none.png', 'src/none.png'],
    ['matte', "Did you mean 'outputMask'?"],
    ['matte=./a.png&matte=./b.png', 'got two: '],
  ])('with %s is an error', async ([query, part]) => {
    const project = await createProject({ 'src/main.js': `import './cat.jpg?nobg&${query}'` })
    expect(await failBuild(project)).toContain(part)
  })
})

test('a build that watches sees a matte that is created, and a kept one that is corrected', async () => {
  const project = await createProject({
    'index.html':
      '<!doctype html><img src="./src/cat.jpg?nobg"><script type="module" src="/src/main.js"></script>',
    'src/main.js': "import './main.css'",
    'src/main.css': files['src/main.css'],
  })
  const watcher = (await build({
    root: project.root,
    configFile: false,
    logLevel: 'silent',
    plugins: [testNobg({ mattes: 'mattes', cacheDir: project.path('node_modules/.cache/nobg') })],
    build: { watch: {}, assetsInlineLimit: 0 },
  })) as Rolldown.RolldownWatcher
  onTestFinished(() => watcher.close())
  let errors = 0
  watcher.on('event', ({ code }) => {
    if (code === 'ERROR') errors++
  })
  const half = async () => {
    const [, url] = /<img src="(.+?)"/.exec(String(await project.read('dist/index.html'))) ?? []
    return opaqueHalf(await project.read(`dist${url}`))
  }
  await until(async () => (await half()) === 'neither')
  const [file] = await listKept(project)
  await project.write(file, '')
  await until(() => errors > 0)
  await project.write(file, await halfMatte('right'))
  await until(async () => (await half()) === 'right')
  await project.write('src/cat.matte.png', await halfMatte('left'))
  await until(async () => (await half()) === 'left')
})

describe('a frozen build', () => {
  test('lists all missing mattes of modules, style sheets and pages in one error', async () => {
    const project = await createProject({
      'index.html':
        '<!doctype html><img src="./src/c.jpg?nobg"><script type="module" src="/src/main.js"></script>',
      'src/main.js': "import './main.css'\nimport './cat.jpg?nobg'\nimport './kept.jpg?nobg'",
      'src/main.css': 'a { background: url(./b.jpg?nobg) }',
    })
    for (const name of ['b', 'c']) await project.photo('astronaut.jpg', `src/${name}.jpg`)
    await cp(project.path('src/cat.jpg'), project.path('src/kept.jpg'))
    await project.write('src/kept.matte.png', await halfMatte())
    // One photograph with another content, and so another matte.
    await project.write('src/c.jpg', Buffer.concat([await project.read('src/c.jpg'), Buffer.from('c')]))
    const message = await failBuild(project, {
      page: true,
      plugins: [testNobg({ mattes: 'mattes', frozen: true })],
    })
    for (const part of [
      'kept mattes of 3 pictures',
      './src/cat.jpg (model u2netp, 320 px), got none from ./src/main.js:2:9',
      './src/b.jpg (model u2netp, 320 px)',
      './src/c.jpg (model u2netp, 320 px)',
      'NOBG_FROZEN=0',
      './mattes',
    ])
      expect(message).toContain(part)
    expect(message).not.toContain('kept.jpg')
  })

  test('in another folder, without weights, has equal files', async () => {
    const main = "export { default as cat } from './cat.jpg?nobg=mine'"
    const project = await createProject({ 'src/main.js': main })
    const other = await createProject({ 'src/main.js': main })
    const weights = fileURLToPath(new URL('../../../u2netp/weights/u2netp.onnx', import.meta.url))
    await cp(weights, project.path('mine.onnx'))
    const buildIt = async (project: Project, frozen: boolean) => {
      const models = { mine: { path: project.path('mine.onnx'), resolution: 320 } }
      const options = {
        cacheDir: project.path('node_modules/.cache/nobg'),
        mattes: 'mattes',
        substitute: {},
        models,
        frozen,
      }
      const { names, follow, run } = await buildProject(project, { plugins: [testNobg(options)] })
      return { names, bytes: await follow((await run()).cat) }
    }
    const first = await buildIt(project, false)
    await cp(project.path('mattes'), other.path('mattes'), { recursive: true })
    expect(await buildIt(other, true)).toEqual(first)
  })

  test('is the default if CI is set and a matte is kept', async () => {
    const project = await createProject({ 'src/main.js': "import './cat.jpg?nobg'" })
    const plugins = () => [testNobg({ mattes: 'mattes', cacheDir: project.path('node_modules/.cache/nobg') })]
    await buildProject(project, { plugins: plugins() })
    await project.photo('astronaut.jpg', 'src/cat.jpg')
    vi.stubEnv('NOBG_FROZEN', '')
    vi.stubEnv('CI', '1')
    expect(await failBuild(project, { plugins: plugins() })).toContain(
      'only a matte of an earlier version of the photograph',
    )
  })
})

test('two builds at once, with caches of their own, keep each matte once, also of photographs that moved', async () => {
  const names = ['a', 'b', 'c']
  const project = await createProject({
    'src/main.js': names.map(name => `export { default as ${name} } from './${name}.jpg?nobg'`).join('\n'),
  })
  for (const [i, name] of names.entries()) {
    await project.photo('astronaut.jpg', `src/${name}.jpg`)
    const photograph = await project.read(`src/${name}.jpg`)
    await project.write(`src/${name}.jpg`, Buffer.concat([photograph, Buffer.from([i])]))
  }
  const buildBoth = () =>
    Promise.all(
      ['one', 'two'].map(async side => {
        const plugins = [testNobg({ mattes: 'mattes', cacheDir: project.path(`cache-${side}`) })]
        const config = { build: { outDir: project.path(side) } }
        await build({ root: project.root, configFile: false, logLevel: 'silent', plugins, ...config })
      }),
    )
  await project.write('index.html', '<!doctype html><script type="module" src="/src/main.js"></script>')
  await buildBoth()
  const listPictures = async (side: string) =>
    (await readdir(project.path(`${side}/assets`))).filter(name => name.endsWith('.webp')).sort()
  // The photographs differ in a byte after the picture, so that Vite emits one file for all.
  expect(await listPictures('one')).toHaveLength(1)
  expect(await listPictures('two')).toEqual(await listPictures('one'))
  expect(await listKept(project)).toHaveLength(3)

  await rename(project.path('src/a.jpg'), project.path('src/moved.jpg'))
  await project.write(
    'src/main.js',
    String(await project.read('src/main.js')).replace('./a.jpg', './moved.jpg'),
  )
  await buildBoth()
  expect((await listKept(project)).map(file => file.split('/')[2]).sort()).toEqual([
    'b.jpg',
    'c.jpg',
    'moved.jpg',
  ])
  expect(
    (await readdir(project.path('mattes'), { recursive: true })).filter(name => name.endsWith('.part')),
  ).toEqual([])
})

test('the folder of kept mattes and the names in it start at the root of the config', async () => {
  const project = await createProject({
    'app/src/main.js': "export { default as cat } from '../../src/cat.jpg?nobg'",
  })
  const plugins = [testNobg({ root: '..', mattes: 'mattes' })]
  const app = { ...project, root: project.path('app'), path: (file: string) => project.path(`app/${file}`) }
  await buildProject(app, { plugins })
  expect(await listKept(project)).toEqual([expect.stringMatching(/^mattes\/src\/cat\.jpg\/u2netp-320\./)])
})
