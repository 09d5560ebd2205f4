import { preview } from 'vite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { chromiumPath, openPage, readCorner } from '../support/browser.ts'
import { buildProject } from '../support/build.ts'
import { createProject } from '../support/project.ts'
import { serveProject, until } from '../support/serve.ts'

const files = {
  'index.html': [
    '<!doctype html><meta charset="utf-8">',
    '<img id="html" src="./src/cat.jpg?nobg"><div id="css">css</div><img id="js"><img id="url">',
    '<script type="module" src="./src/main.js"></script>',
  ].join('\n'),
  'src/main.js': [
    "import './main.css'",
    "import { show } from './show.js'",
    'show()',
    "document.querySelector('#url').src = new URL('./cat.jpg?nobg', import.meta.url)",
    'window.loadedAt ??= performance.timeOrigin',
  ].join('\n'),
  'src/show.js': [
    "import cat from './cat.jpg?nobg'",
    "export const show = () => { document.querySelector('#js').src = cat }",
    'import.meta.hot?.accept(next => next.show())',
  ].join('\n'),
  'src/main.css': '#css { background: url(./cat.jpg?nobg) }',
}
const everywhere = ['#html', '#css', '#js', '#url']
/** u2netp leaves a corner of the background an alpha of 1. */
const isClear = (alpha: number) => alpha <= 8

describe.skipIf(!chromiumPath)(
  `in Chromium${chromiumPath ? '' : ' (skipped: none is installed; set CHROMIUM_PATH)'}`,
  () => {
    test('the built page shows cutouts', async () => {
      const project = await createProject(files)
      await buildProject(project, { page: true, config: { base: './' } })
      const server = await preview({
        root: project.root,
        configFile: false,
        logLevel: 'silent',
        preview: { port: 0, host: '127.0.0.1' },
      })
      onTestFinished(() => server.close())
      const page = await openPage(server.resolvedUrls?.local[0] ?? '')
      for (const selector of everywhere)
        expect(await readCorner(page, selector)).toMatchObject({
          alpha: expect.toSatisfy(isClear),
          width: 240,
          height: 160,
        })
    })

    test('the served page shows cutouts, and shows new cutouts when the photograph changes', async () => {
      const project = await createProject(files)
      const { origin } = await serveProject(project)
      const page = await openPage(origin)
      await page.waitForFunction('document.querySelector("#js").src')
      for (const selector of everywhere)
        expect(await readCorner(page, selector)).toMatchObject({
          alpha: expect.toSatisfy(isClear),
          width: 240,
        })
      await project.photo('astronaut.jpg', 'src/cat.jpg')
      for (const selector of everywhere)
        await until(async () => (await readCorner(page, selector)).width === 200)
    })

    test('a photograph that no page refers to is replaced without a reload', async () => {
      const project = await createProject({
        ...files,
        'index.html': files['index.html'].replace('?nobg', '').replace('id="html"', ''),
      })
      await project.write('src/main.js', files['src/main.js'].replace(/.*import\.meta\.url.*\n/, ''))
      const { origin } = await serveProject(project)
      const page = await openPage(origin)
      const loadedAt = await page.evaluate('window.loadedAt')
      await project.photo('astronaut.jpg', 'src/cat.jpg')
      for (const selector of ['#css', '#js'])
        await until(async () => (await readCorner(page, selector)).width === 200)
      expect(await page.evaluate('window.loadedAt')).toBe(loadedAt)
    })

    test('the overlay shows image, importer and line, and closes when the photograph is fixed', async () => {
      const project = await createProject({
        ...files,
        'src/cat.jpg': 'no image',
        'index.html': '<!doctype html><img id="js"><script type="module" src="./src/show.js"></script>',
      })
      await project.write('src/show.js', `${files['src/show.js']}\nshow()`)
      const { origin } = await serveProject(project)
      const page = await openPage(origin)
      const overlay = page.locator('vite-error-overlay')
      await overlay.waitFor()
      const text = await overlay.evaluate(element => element.shadowRoot?.textContent)
      for (const part of ['src/cat.jpg', './cat.jpg?nobg', 'src/show.js:1:']) expect(text).toContain(part)
      await project.photo('cat.jpg', 'src/cat.jpg')
      await until(async () => isClear((await readCorner(page, '#js')).alpha))
      expect(await overlay.count()).toBe(0)
    })
  },
)
