import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import sharp from 'sharp'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { CutoutReport } from '../../src/vite.ts'
import { chromiumPath, openPage, readCorner } from '../support/browser.ts'
import { failBuild, testNobg } from '../support/build.ts'
import { expectCutout } from '../support/picture.ts'
import { optionsOf, portraitWeights, putWeights, shrinkPortrait } from '../support/portrait.ts'
import { createProject } from '../support/project.ts'
import { listenHot, serveProject, until } from '../support/serve.ts'

shrinkPortrait()

const files = {
  'src/main.js':
    "import cat from './cat.jpg?nobg=portrait'\nwindow.cat = cat\nwindow.loadedAt = performance.timeOrigin",
  'index.html':
    '<!doctype html><img id="cat" src="./src/cat.jpg?nobg=portrait"><script type="module" src="./src/main.js"></script>',
}

/** A mirror that answers when it is opened. */
async function openMirror(): Promise<{ url: string; open(): void }> {
  let open = () => {}
  const opened = new Promise<void>(resolve => {
    open = resolve
  })
  const server = createServer(async (_request, response) => {
    await opened
    response.end(await readFile(portraitWeights))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, open }
}

test('without weights a draft is served at the address of the picture, and a draft is no picture of the model in the cache', async () => {
  const project = await createProject(files)
  const reports: CutoutReport[] = []
  const options = optionsOf(project, { onCutout: report => void reports.push(report) })
  const served = await serveProject(project, testNobg(options))
  const { get, log, server } = served
  const hot = await listenHot(served)
  const { default: cat } = await server.ssrLoadModule('/src/cat.jpg?nobg=portrait')
  const draft = await get(cat)
  await expectCutout(draft.bytes)
  await get('/src/main.js')
  expect(log.filter(line => line.includes('shows drafts'))).toEqual([
    expect.stringContaining(
      `the weights of portrait (5 MB, MIT) are missing. Downloads are off: run \`npx nobg models pull portrait --models-dir "${project.path('models')}"\`. Until then the server shows drafts: cutouts of the small model u2netp.`,
    ),
  ])
  expect(log.join('\n')).not.toContain('stay drafts')
  expect(hot.filter(({ type }) => type === 'error')).toEqual([])
  await putWeights(project)
  await until(() => hot.some(({ type }) => type === 'custom'))
  await until(async () => !(await get(`${cat}?t=1`)).bytes.equals(draft.bytes))
  await expectCutout((await get(`${cat}?t=1`)).bytes)
  expect(hot.filter(({ type }) => type === 'full-reload' || type === 'update')).toEqual([])
  expect(reports.map(({ model, draft }) => [model, draft])).toEqual([
    ['u2netp', true],
    ['portrait', false],
  ])
})

test('the weights are downloaded while drafts are shown', async () => {
  const project = await createProject(files)
  const { url, open } = await openMirror()
  const served = await serveProject(project, testNobg(optionsOf(project, { download: true, modelsUrl: url })))
  const { get, server } = served
  const hot = await listenHot(served)
  const { default: cat } = await server.ssrLoadModule('/src/cat.jpg?nobg=portrait')
  const draft = await get(cat)
  await expectCutout(draft.bytes)
  open()
  await until(() => hot.some(({ type }) => type === 'custom'))
  await until(async () => !(await get(`${cat}?t=1`)).bytes.equals(draft.bytes))
})

test('a failed download is reported once for all pictures of the model, with the command to repeat it', async () => {
  const words = ['', '&crop', '&crop=5px']
  const project = await createProject({
    'src/main.js': words
      .map((word, index) => `import n${index} from './cat.jpg?nobg=portrait${word}'`)
      .join('\n'),
  })
  const options = { download: true, modelsUrl: 'http://127.0.0.1:1', draft: true }
  const { get, log } = await serveProject(project, testNobg(optionsOf(project, options)))
  await get('/src/main.js')
  await until(() => log.some(line => line.includes('stay drafts')))
  const lines = log.filter(line => line.includes('drafts'))
  expect(lines).toEqual([
    expect.stringMatching(/nobg downloads them now\. Until then the server shows drafts/),
    expect.stringMatching(/stay drafts\. [\s\S]*\n {2}Run `npx nobg models pull portrait --models-dir/),
  ])
})

test('a plugin that reads the file gets the draft, and then the picture', async () => {
  const project = await createProject({
    'src/main.js': "export { default } from './cat.jpg?nobg=portrait&inline'",
  })
  const { get } = await serveProject(project, testNobg(optionsOf(project)))
  const importOf = async () => /"([^"]+)"/.exec((await get('/src/main.js')).text)?.[1] ?? ''
  const draft = (await get(await importOf())).text
  expect(draft).toContain('data:image/webp')
  await putWeights(project)
  await until(async () => (await get(await importOf())).text !== draft)
})

test('a damaged photograph is reported, although the weights are missing', async () => {
  const project = await createProject({ ...files, 'src/cat.jpg': 'no image' })
  const served = await serveProject(project, testNobg(optionsOf(project)))
  const hot = await listenHot(served)
  await served.get('/src/main.js')
  await until(() => hot.some(({ type }) => type === 'error'))
  expect(hot.find(payload => payload.type === 'error')?.err.message).toContain('Expected an image')
})

test('the matte of a draft is not kept, and the matte of the picture is', async () => {
  const project = await createProject(files)
  const mattes = project.path('mattes')
  const { get, server } = await serveProject(project, testNobg(optionsOf(project, { mattes })))
  const { default: cat } = await server.ssrLoadModule('/src/cat.jpg?nobg=portrait')
  const draft = await get(cat)
  await expectCutout(draft.bytes)
  const list = async () =>
    (await readdir(mattes, { recursive: true }).catch(() => [])).filter(name => name.endsWith('.png'))
  expect(await list()).toEqual([])
  await putWeights(project)
  await until(async () => !(await get(`${cat}?t=1`)).bytes.equals(draft.bytes))
  expect(await list()).toEqual([expect.stringMatching(/\/portrait-[^/]+$/)])
})

test('a photograph with its own matte gets no draft', async () => {
  const project = await createProject(files)
  await project.write(
    'src/cat.matte.png',
    await sharp(project.path('src/cat.jpg')).grayscale().png().toBuffer(),
  )
  const reports: CutoutReport[] = []
  const options = optionsOf(project, { onCutout: report => void reports.push(report) })
  const { get, server, log } = await serveProject(project, testNobg(options))
  const { default: cat } = await server.ssrLoadModule('/src/cat.jpg?nobg=portrait')
  expect((await get(cat)).type).toBe('image/webp')
  expect(reports).toMatchObject([{ model: 'portrait', draft: false, matte: 'own' }])
  expect(log.join('\n')).not.toContain('drafts')
})

test('a license that does not allow the embedded model means no drafts', async () => {
  const project = await createProject(files)
  const { get, log, server } = await serveProject(
    project,
    testNobg(optionsOf(project, { licenses: ['MIT'] })),
  )
  await putWeights(project)
  const { default: cat } = await server.ssrLoadModule('/src/cat.jpg?nobg=portrait')
  await expectCutout((await get(cat)).bytes)
  expect(log.join('\n')).not.toContain('draft')
})

test('with draft: false missing weights are an error', async () => {
  const project = await createProject(files)
  const served = await serveProject(project, testNobg(optionsOf(project, { draft: false })))
  const hot = await listenHot(served)
  await served.get('/src/main.js')
  await until(() => hot.some(({ type }) => type === 'error'))
  expect(hot.find(payload => payload.type === 'error')?.err.message).toContain('the weights of portrait')
})

test('a build without weights fails with one error for all pictures of the model', async () => {
  const words = ['', '&crop', '&crop=5px', '&outputFormat=png', '&outputFormat=avif']
  const project = await createProject({
    'src/main.js': words.map(word => `export * from './cat.jpg?nobg=portrait${word}'`).join('\n'),
  })
  const message = await failBuild(project, { plugins: [testNobg(optionsOf(project))] })
  expect(message.split('Expected the weights of portrait')).toHaveLength(2)
  expect(message.split('https://')).toHaveLength(2)
  expect(message).toContain('These weights are needed for 5 pictures: also for ')
  expect(message).toContain(' and 1 more.')
  expect(message).toMatch(/\.\/src\/main\.js:\d:/)
})

test('a build makes no drafts', async () => {
  const project = await createProject({ 'src/main.js': "export { default } from './cat.jpg?nobg=portrait'" })
  const message = await failBuild(project, { plugins: [testNobg(optionsOf(project))] })
  for (const part of [
    'the weights of portrait',
    "substitute: 'u2netp'",
    '&model=u2netp',
    'NOBG_SUBSTITUTE=u2netp',
  ])
    expect(message).toContain(part)
})

describe.skipIf(!chromiumPath)(
  `in Chromium${chromiumPath ? '' : ' (skipped: none is installed; set CHROMIUM_PATH)'}`,
  () => {
    test('the picture replaces the draft without a reload', async () => {
      const project = await createProject(files)
      const { origin } = await serveProject(project, testNobg(optionsOf(project)))
      const page = await openPage(origin)
      await until(async () => (await readCorner(page, '#cat')).alpha <= 8)
      const loadedAt = await page.evaluate('window.loadedAt')
      const address = await page.getAttribute('#cat', 'src')
      await putWeights(project)
      await until(async () => (await page.getAttribute('#cat', 'src')) !== address)
      expect(await page.getAttribute('#cat', 'src')).toMatch(/\?t=\d+$/)
      expect(await page.evaluate('window.loadedAt')).toBe(loadedAt)
    })
  },
)
