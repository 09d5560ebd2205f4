import { readdir } from 'node:fs/promises'
import sharp from 'sharp'
import type { InlineConfig, Plugin, PluginOption } from 'vite'
import { expect, test } from 'vitest'
import { buildProject, testNobg } from '../support/build.ts'
import { createProject, type Project } from '../support/project.ts'

/** A project whose plugins put a marked reference into the output after the usual hooks. */
interface WayIn {
  files: Record<string, string>
  plugins?: PluginOption[]
  config?: InlineConfig
  page?: boolean
}

const importCss = { 'src/main.js': "import './main.css'" }
const marked = 'a { background: url(/src/cat.jpg?nobg) }'

const postcssPlugin = {
  postcssPlugin: 'writer',
  Once(root: { append(css: string): void }) {
    root.append(marked)
  },
}

function writeLate(match: RegExp, code: string, enforce?: 'post'): Plugin {
  return { name: 'writer', enforce, transform: (_, id) => (match.test(id) ? code : undefined) }
}

function writePage(html: string, enforce?: 'post'): Plugin {
  const handler = (page: string) => page.replace('</body>', `${html}</body>`)
  return { name: 'writer', enforce, transformIndexHtml: { order: 'pre', handler } }
}

const newUrl = "export default new URL('./cat.jpg?nobg', import.meta.url).href"
const page = '<!doctype html><body></body>'
const ways: Record<string, WayIn> = {
  'a PostCSS plugin': {
    files: { ...importCss, 'src/main.css': 'b { color: red }' },
    config: { css: { postcss: { plugins: [postcssPlugin] } } },
  },
  '@import': { files: { ...importCss, 'src/main.css': '@import "./a.css";', 'src/a.css': marked } },
  'Lightning CSS': {
    files: { ...importCss, 'src/main.css': '@import "./a.css";', 'src/a.css': marked },
    config: { css: { transformer: 'lightningcss' } },
  },
  'a plugin after nobg that writes CSS': {
    files: { ...importCss, 'src/main.css': 'b { color: red }' },
    plugins: [{ ...writeLate(/main\.css/, marked), enforce: 'pre' }],
  },
  'a virtual style sheet': {
    files: { 'src/main.js': "import 'virtual:a.css'" },
    plugins: [
      {
        name: 'virtual',
        resolveId: id => (id === 'virtual:a.css' ? '\0virtual:a.css' : undefined),
        load: id => (id === '\0virtual:a.css' ? marked : undefined),
      },
    ],
  },
  'an inline style sheet': {
    files: { 'src/main.js': "export { default } from './main.css?inline'", 'src/main.css': marked },
  },
  'image-set()': {
    files: { ...importCss, 'src/main.css': 'a { background: image-set("./cat.jpg?nobg" 1x) }' },
  },
  'one style sheet for all': {
    files: { ...importCss, 'src/main.css': marked },
    config: { build: { cssCodeSplit: false } },
  },
  'a worker': {
    files: {
      'src/main.js': "new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })",
      'src/worker.js':
        "import cat from './cat.jpg?nobg'\nimport css from './main.css?inline'\npostMessage([cat, css])",
      'src/main.css': marked,
    },
  },
  'a plugin that writes new URL()': {
    files: { 'src/main.js': 'export default 0' },
    plugins: [writeLate(/main\.js/, newUrl)],
  },
  'new URL() with an alias': {
    files: { 'src/main.js': newUrl.replace('./cat', '#/cat') },
    config: { resolve: { alias: [{ find: /^#(?=\/)/, replacement: '/src' }] } },
  },
  'a server build': {
    files: {
      'src/main.js': `${newUrl}\nexport { default as css } from './main.css?inline'`,
      'src/main.css': marked,
    },
    config: { build: { ssr: true, ssrEmitAssets: true } },
  },
  'a plugin that writes HTML': {
    files: { 'index.html': page },
    plugins: [writePage('<img src="./src/cat.jpg?nobg">')],
    page: true,
  },
  'a plugin that writes a style attribute': {
    files: { 'index.html': page },
    plugins: [writePage('<p style="background: url(./src/cat.jpg?nobg)">', 'post')],
    page: true,
  },
  noscript: {
    files: { 'index.html': `${page}<noscript><img src="./src/cat.jpg?nobg"></noscript>` },
    page: true,
  },
  'a linked style sheet': {
    files: { 'index.html': `${page}<link rel="stylesheet" href="/src/main.css">`, 'src/main.css': marked },
    page: true,
  },
}

const library = { build: { lib: { entry: 'src/main.js', formats: ['es' as const], fileName: 'main' } } }
const limits: [string, InlineConfig][] = [
  ['as files', {}],
  ['inlined', { build: { assetsInlineLimit: 1e9 } }],
  ['in a library', library],
]

const cases = Object.entries(ways).flatMap(([name, way]) =>
  limits
    .filter(([, limit]) => !(way.page && limit === library))
    .map(([how, limit]) => [name, how, way, limit] as const),
)

test.for(cases)(
  '%s, %s: the original is not shipped',
  async ([, , { files, plugins = [], page = false, config = {} }, limit]) => {
    const project = await createProject(files)
    await project.write('src/cat.jpg', await drawPhotograph())
    const base = { ...config, build: { ...config.build, ...limit.build } }
    await buildProject(project, { plugins: [testNobg(), ...plugins], page, config: base })
    await expectCutoutsOnly(project)
  },
)

/** A photograph of less than 4 kB, which Vite inlines by default. */
async function drawPhotograph(): Promise<Buffer> {
  const circle = Buffer.from('<svg width="96" height="96"><circle cx="48" cy="48" r="30" fill="#d22"/></svg>')
  const background = { width: 96, height: 96, channels: 3 as const, background: '#8ac' }
  return sharp({ create: background })
    .composite([{ input: circle }])
    .jpeg()
    .toBuffer()
}

async function expectCutoutsOnly(project: Project): Promise<void> {
  const original = await project.read('src/cat.jpg')
  const names = (await readdir(project.path('dist'), { recursive: true, withFileTypes: true }))
    .filter(entry => entry.isFile())
    .map(({ parentPath, name }) => `${parentPath}/${name}`.slice(project.root.length + 1))
  const contents = await Promise.all(names.map(name => project.read(name)))
  const shipped = contents.some(
    bytes => bytes.includes(original) || bytes.includes(original.toString('base64')),
  )
  expect(shipped).toBe(false)
  const isCutout = (name: string, bytes: Buffer) =>
    /\.(?:png|webp)$/.test(name) || /data:image\/(?:png|webp);base64/.test(String(bytes))
  expect(names.some((name, index) => isCutout(name, contents[index]))).toBe(true)
}
