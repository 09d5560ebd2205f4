import { existsSync } from 'node:fs'
import { expect, onTestFinished, test, vi } from 'vitest'
import nobg from '../../src/vite.ts'
import { buildProject } from '../support/build.ts'
import { createProject } from '../support/project.ts'
import { serveProject } from '../support/serve.ts'

const files = {
  'index.html': '<!doctype html><img src="./src/cat.jpg?nobg=hero">',
  'src/main.js': [
    "import './main.css'",
    "export { default as cat } from './cat.jpg?nobg&model=portrait&v=1'",
    "export { default as sibling } from './cat.nobg.jpg'",
    "export const url = new URL('./cat.jpg?nobg', import.meta.url).pathname",
  ].join('\n'),
  'src/main.css': 'a { background: url(./cat.jpg?nobg) }',
}

test.for([
  ['under Vitest', {}, {}],
  ['with enabled: false', { enabled: false }, { VITEST: undefined }],
  ['with NOBG=off', { enabled: true }, { NOBG: 'off' }],
] as const)('%s, originals are served and nothing is processed', async ([, options, env]) => {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  onTestFinished(() => void vi.unstubAllEnvs())
  const project = await createProject(files)
  const cacheDir = project.path('cache')
  const plugins = [nobg({ ...options, cacheDir })]
  const photograph = await project.read('src/cat.jpg')

  const build = await buildProject(project, { plugins })
  const { cat, sibling, url } = await build.run()
  expect(build.log).toContain('nobg is off: 1 image left unchanged.')
  expect(cat).toMatch(/^\/assets\/cat-[\w-]+\.jpg\?v=1$/)
  for (const asset of [cat, sibling, url]) expect(await build.follow(asset)).toEqual(photograph)
  const page = await buildProject(project, { plugins, page: true })
  const [, src] = /<img src="(.+?)"/.exec(String(await page.follow('/index.html')))!
  expect(await page.follow(src)).toEqual(photograph)

  const { get } = await serveProject(project, plugins[0])
  expect((await get('/src/main.css?direct')).text).toContain('/src/cat.jpg')
  expect(existsSync(cacheDir)).toBe(false)
})
