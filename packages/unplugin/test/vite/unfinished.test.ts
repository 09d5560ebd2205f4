import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { chromiumPath, openPage, readCorner } from '../support/browser.ts'
import { testNobg } from '../support/build.ts'
import { testOptions } from '../support/cache-dir.ts'
import { createGatedStore } from '../support/gated-store.ts'
import { createProject, type Project } from '../support/project.ts'
import { type Served, serveProject, until } from '../support/serve.ts'

const numbers = Array.from({ length: 12 }, (_, index) => index)
const inPage = numbers.slice(0, 4)
const inScript = numbers.slice(4, 8)
const inStyle = numbers.slice(8, 10)
const inString = numbers.slice(10)

const element = (index: number) => `<${inStyle.includes(index) ? 'div' : 'img'} id="n${index}"`
const files = {
  'index.html': [
    '<!doctype html><meta charset="utf-8"><body>',
    ...inPage.map(index => `<img id="n${index}" src="./src/${index}.jpg?nobg">`),
    ...numbers.slice(4).map(index => `${element(index)}></${inStyle.includes(index) ? 'div' : 'img'}>`),
    '<script type="module" src="./src/main.js"></script>',
  ].join('\n'),
  'src/main.js': [
    "import './main.css'",
    "import './hot.js'",
    ...inScript.map(index => `import n${index} from './${index}.jpg?nobg'`),
    ...inScript.map(index => `document.querySelector('#n${index}').src = n${index}`),
    ...inString.map(index => `document.querySelector('#n${index}').src = '/src/${index}.jpg?nobg'`),
    'window.loadedAt = performance.timeOrigin',
    "window.loadLazily = () => import('./lazy.js')",
  ].join('\n'),
  'src/hot.js': 'window.version = 1\nimport.meta.hot.accept()',
  'src/lazy.js': 'export const lazy = true',
  'src/main.css': inStyle.map(index => `#n${index} { background: url(./${index}.jpg?nobg) }`).join('\n'),
}

/** A project with twelve photographs that differ in brightness. */
async function createGallery(): Promise<Project> {
  const project = await createProject(files)
  const cat = await readFile(project.path('src/cat.jpg'))
  for (const index of numbers)
    await project.write(
      `src/${index}.jpg`,
      await sharp(cat)
        .linear(1 - index / 100)
        .jpeg()
        .toBuffer(),
    )
  return project
}

/** u2netp leaves a corner of the background an alpha of 1. */
const isClear = ({ alpha }: { alpha: number }) => alpha <= 8

async function untilCutouts(page: Page): Promise<void> {
  for (const index of numbers) await until(async () => isClear(await readCorner(page, `#n${index}`)))
}

async function serveGallery(project: Project): Promise<Served & { open(): void }> {
  const { store, open } = createGatedStore(project.path('cache'), testOptions.cacheDir as string)
  const plugin = testNobg({ store, cacheDir: project.path('cache') })
  return { ...(await serveProject(project, plugin)), open }
}

describe.skipIf(!chromiumPath)(
  `in Chromium${chromiumPath ? '' : ' (skipped: none is installed; set CHROMIUM_PATH)'}`,
  () => {
    test('while twelve pictures are unfinished, modules and hot updates arrive, and each picture replaces its stand-in without a reload', async () => {
      const project = await createGallery()
      const { origin, open } = await serveGallery(project)
      const page = await openPage('about:blank')
      const navigations: string[] = []
      page.on('framenavigated', frame => navigations.push(frame.url()))
      await page.goto(origin, { waitUntil: 'domcontentloaded' })
      await page.waitForFunction('window.loadedAt')
      expect(await page.evaluate('window.loadLazily().then(({ lazy }) => lazy)')).toBe(true)
      await project.write('src/hot.js', 'window.version = 2\nimport.meta.hot.accept()')
      await page.waitForFunction('window.version === 2')
      open()
      await untilCutouts(page)
      expect(navigations).toHaveLength(1)
    })

    test('a page that connects after the pictures are finished shows them too', async () => {
      const project = await createGallery()
      const { origin, open, get, server } = await serveGallery(project)
      const page = await openPage('about:blank')
      // The page's socket waits, and opens after the pictures are finished.
      let connect = () => {}
      const connected = new Promise<void>(resolve => {
        connect = resolve
      })
      await page.routeWebSocket(/./, async socket => {
        await connected
        socket.connectToServer()
      })
      await page.goto(origin, { waitUntil: 'domcontentloaded' })
      await page.waitForFunction('window.loadedAt')
      open()
      for (const index of numbers)
        await until(async () => (await get(`/src/${index}.jpg?nobg`)).type === 'image/webp')
      expect(server.ws.clients.size).toBe(0)
      connect()
      await untilCutouts(page)
    })

    test('a page in two tabs leaves connections free', async () => {
      const project = await createGallery()
      const { origin, open } = await serveGallery(project)
      const page = await openPage('about:blank')
      await page.goto(origin, { waitUntil: 'domcontentloaded' })
      const [second] = await Promise.all([page.waitForEvent('popup'), page.evaluate('void window.open("/")')])
      for (const tab of [page, second]) await tab.waitForFunction('window.loadedAt')
      await page.goto('about:blank')
      expect(await second.evaluate('window.loadLazily().then(({ lazy }) => lazy)')).toBe(true)
      open()
      await untilCutouts(second)
    })

    test('a failed picture is reported in the overlay and in the terminal, and the page stays usable', async () => {
      const project = await createGallery()
      await project.write('src/5.jpg', 'no image')
      const { origin, open, log } = await serveGallery(project)
      const page = await openPage('about:blank')
      await page.goto(origin, { waitUntil: 'domcontentloaded' })
      await page.waitForFunction('window.loadedAt')
      open()
      const overlay = page.locator('vite-error-overlay')
      await overlay.waitFor()
      const text = await overlay.evaluate(element => element.shadowRoot?.textContent)
      for (const part of ['src/5.jpg', './5.jpg?nobg', 'src/main.js:4:']) {
        expect(text).toContain(part)
        expect(log.join('\n')).toContain(part)
      }
      expect(log.filter(line => line.includes('src/5.jpg'))).toHaveLength(1)
      await project.write('src/5.jpg', await readFile(project.path('src/4.jpg')))
      await until(async () => isClear(await readCorner(page, '#n5')))
      expect(await overlay.count()).toBe(0)
    })
  },
)
