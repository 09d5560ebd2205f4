import { copyFile } from 'node:fs/promises'
import type { InlineConfig } from 'vite'
import { expect, test } from 'vitest'
import { buildProject, failBuild, testNobg } from '../support/build.ts'
import { expectCutout, expectOpaque } from '../support/picture.ts'
import { createProject } from '../support/project.ts'

test('an import is the URL of a cutout whose name contains the name of the source', async () => {
  const project = await createProject({ 'src/main.js': "export { default as cat } from './cat.jpg?nobg'" })
  const reports: object[] = []
  const build = await buildProject(project, {
    plugins: [testNobg({ onCutout: report => reports.push(report) })],
  })
  const { cat } = await build.run()
  expect(reports).toMatchObject([{ source: project.path('src/cat.jpg'), model: 'u2netp', cached: false }])
  expect(cat).toMatch(/^\/assets\/cat-[\w-]+\.webp$/)
  expect(await expectCutout(await build.follow(cat))).toEqual({ width: 240, height: 160 })
  expect(build.log).toMatch(/nobg: 1 image processed in [\d.]+ s/)
})

test('an import without the marker is the unchanged photograph', async () => {
  const project = await createProject({ 'src/main.js': "export { default as cat } from './cat.jpg?nobgx'" })
  const build = await buildProject(project)
  const { cat } = await build.run()
  expect(await build.follow(cat)).toEqual(await project.read('src/cat.jpg'))
})

test.for([
  ['./cat.jpg?nobg&model=portrait', 'webp'],
  ['./cat.jpg?model=portrait&nobg', 'webp'],
  ['./cat.jpg?nobg=portrait', 'webp'],
  ['./cat.jpg?nobg=', 'webp'],
  ['./cat.nobg.jpg', 'webp'],
  ['./cat.nobg-portrait.jpg', 'webp'],
  ['./cat.nobg-hero.jpg', 'webp'],
  ['./cat.jpg?nobg=hero', 'webp'],
  ['./cat.jpg?nobg=hero&outputFormat=avif', 'avif'],
  ['/src/cat.jpg?nobg', 'webp'],
  ['@/cat.jpg?nobg', 'webp'],
  ['@/cat.nobg.jpg', 'webp'],
  ['./cat.jpg?nobg&url', 'webp'],
  ['./cat.jpg?nobg&no-inline', 'webp'],
])('%s is a cutout in the format %s', async ([specifier, format]) => {
  const project = await createProject({ 'src/main.js': `export { default as cat } from '${specifier}'` })
  const presets = { hero: { model: 'portrait', outputFormat: 'webp' as const } }
  const build = await buildProject(project, {
    plugins: [testNobg({ presets })],
    config: { resolve: { alias: { '@': project.path('src') } } },
  })
  const { cat } = await build.run()
  expect(cat).toMatch(new RegExp(`^/assets/cat-[\\w-]+\\.${format}$`))
  await expectCutout(await build.follow(cat), format)
})

test.for([
  ['a hash', '[name].[hash][extname]', /^\/cat\.[\w-]{8}\.webp$/],
  ['no hash', '[name][extname]', /^\/cat-[\da-f]{8}\.webp$/],
  ['a function without a hash', () => 'img/[name][extname]', /^\/img\/cat-[\da-f]{8}\.webp$/],
] as const)('two pictures of one photograph get two files: %s', async ([, assetFileNames, pattern]) => {
  const project = await createProject({
    'src/main.js': [
      "export { default as cat } from './cat.jpg?nobg'",
      "export { default as white } from './cat.jpg?nobg&backgroundColor=white'",
    ].join('\n'),
  })
  const build = await buildProject(project, {
    config: { build: { rolldownOptions: { output: { assetFileNames } } } },
  })
  const { cat, white } = await build.run()
  expect(cat).toMatch(pattern)
  expect(white).toMatch(pattern)
  await expectCutout(await build.follow(cat))
  await expectOpaque(await build.follow(white))
})

test('the summary has the sizes, and a warning about pictures above the limit', async () => {
  const project = await createProject({ 'src/main.js': "export { default as cat } from './cat.jpg?nobg'" })
  const { log } = await buildProject(project, { plugins: [testNobg({ warnAboveBytes: 100 })] })
  expect(log).toMatch(/\n {2}cat\.jpg\?nobg +[\d.]+ kB {2}webp, 240 × 160 px/)
  expect(log).toMatch(/cat\.jpg\?nobg has [\d.]+ kB\. Write &outputQuality=75/)
})

test('a real file with the name of a sibling spelling has priority', async () => {
  const project = await createProject({ 'src/main.js': "export { default as cat } from './cat.nobg.jpg'" })
  await project.photo('astronaut.jpg', 'src/cat.nobg.jpg')
  const build = await buildProject(project)
  const { cat } = await build.run()
  expect(await build.follow(cat)).toEqual(await project.read('src/cat.nobg.jpg'))
})

test('with outputMask, the import is the mask', async () => {
  const project = await createProject({
    'src/main.js': "export { default as mask } from './cat.jpg?nobg&outputMask'",
  })
  const build = await buildProject(project)
  const { mask } = await build.run()
  expect(mask).toMatch(/cat-mask-[\w-]+\.png$/)
  await expectOpaque(await build.follow(mask))
})

test.for([
  'my cat.jpg',
  'kätzchen.jpg',
  'cat#1.jpg',
  '猫.jpg',
  'cat [1] (2).jpg',
  "cat's.jpg",
  'what?.jpg',
  'cat.JPG',
])('a file with the name %s is processed', async name => {
  const url = encodeURIComponent(name)
  const project = await createProject({
    'src/main.js': [
      `import './main.css'`,
      `import cat from ${JSON.stringify(`./${name}?nobg`)}`,
      `const asset = new URL(${JSON.stringify(`./${name}?nobg`)}, import.meta.url).pathname`,
      'export { cat, asset }',
    ].join('\n'),
    'src/main.css': `a { background: url("./${url}?nobg") }`,
  })
  await copyFile(project.path('src/cat.jpg'), project.path(`src/${name}`))
  const build = await buildProject(project)
  const { cat, asset } = await build.run()
  await expectCutout(await build.follow(cat))
  expect(decodeURI(asset)).toBe(decodeURI(cat))
  const css = String(await build.follow(build.names.find(file => file.endsWith('.css'))!))
  expect(css).toContain(cat)
})

test('small pictures are inlined with their media type', async () => {
  const project = await createProject({
    'src/main.js':
      "export { default as cat } from './cat.jpg?nobg&outputFormat=webp'\nexport { default as forced } from './cat.jpg?nobg&inline'",
  })
  const build = await buildProject(project, { config: { build: { assetsInlineLimit: 30_000 } } })
  const { cat, forced } = await build.run()
  expect(cat).toMatch(/^data:image\/webp;base64,/)
  await expectCutout(Buffer.from(cat.split(',')[1], 'base64'), 'webp')
  expect(forced).toMatch(/^data:image\/webp;base64,/)
  await expectCutout(Buffer.from(forced.split(',')[1], 'base64'))
})

interface Pictures {
  all: Record<string, string>
  lazy: Promise<{ default: string }>
  named(name: string): Promise<{ default: string }>
  urls(name: string): string
}

test.for(['true', '1', "''"])('a glob with the query { nobg: %s } imports cutouts', async value => {
  const glob = `import.meta.glob('./*.jpg', { query: { nobg: ${value} }, import: 'default', eager: true })`
  const project = await createProject({ 'src/main.js': `export const all = ${glob}` })
  const build = await buildProject(project)
  const { all } = await build.run<Pick<Pictures, 'all'>>()
  await expectCutout(await build.follow(all['./cat.jpg']))
})

test('a glob with the query { nobg: false } is an error', async () => {
  const glob = "import.meta.glob('./*.jpg', { query: { nobg: false }, import: 'default', eager: true })"
  const project = await createProject({ 'src/main.js': `export const all = ${glob}` })
  const message = await failBuild(project)
  for (const part of ["got 'nobg=false'", './src/main.js:1']) expect(message).toContain(part)
})

test('globs and dynamic imports are processed', async () => {
  const project = await createProject({
    'src/main.js': [
      "export const all = import.meta.glob('./*.jpg', { query: '?nobg', import: 'default', eager: true })",
      "export const lazy = import('./cat.jpg?nobg')",
      'export const named = name => import(`./$NAME.jpg?nobg`)',
      'export const urls = name => new URL(`./$NAME.jpg?nobg`, import.meta.url).pathname',
    ]
      .join('\n')
      .replaceAll('$NAME', '$' + '{name}'),
  })
  await project.photo('astronaut.jpg', 'src/astronaut.jpg')
  const build = await buildProject(project)
  const { all, lazy, named, urls } = await build.run<Pictures>()
  expect(Object.keys(all)).toEqual(['./astronaut.jpg', './cat.jpg'])
  for (const url of Object.values(all)) await expectCutout(await build.follow(url))
  expect((await lazy).default).toBe(all['./cat.jpg'])
  expect((await named('astronaut')).default).toBe(all['./astronaut.jpg'])
  expect(urls('astronaut')).toBe(all['./astronaut.jpg'])
})

test('the server build refers to the same URL as the client build', async () => {
  const main =
    "export { default as cat } from './cat.jpg?nobg'\nexport const url = new URL('./cat.jpg?nobg', import.meta.url).pathname"
  const project = await createProject({ 'src/main.js': main })
  const client = await (await buildProject(project)).run()
  const server = await buildProject(project, { config: { build: { ssr: true } } })
  expect({ ...(await server.run()) }).toEqual({ ...client })
  expect(client.url).toBe(client.cat)
  expect(server.names).toEqual(['main.js'])
})

test('a second build reprocesses nothing and writes the same names', async () => {
  const project = await createProject({
    'src/main.js': "export { default as cat } from './cat.jpg?nobg&threshold=0.4'",
  })
  const first = await buildProject(project)
  const second = await buildProject(project)
  expect(first.log).toMatch('1 image processed')
  expect(second.log).toMatch(/nobg: 1 from cache \([\d.]+ s saved\)/)
  expect(second.names).toEqual(first.names)
})

test('a library build that excludes node_modules includes the pictures', async () => {
  const project = await createProject({ 'src/main.js': "export { default as cat } from './cat.jpg?nobg'" })
  const plugins = [testNobg({ cacheDir: project.path('node_modules/.cache/nobg') })]
  for (const external of [/node_modules/, (id: string) => id.includes('node_modules')]) {
    const build = await buildProject(project, {
      plugins,
      config: { build: { rolldownOptions: { external } } },
    })
    const { cat } = await build.run()
    await expectCutout(await build.follow(cat))
  }
})

test.for([
  ['a library', { build: { rolldownOptions: { external: [/^pets\//] } } }],
  ['a server', { build: { ssr: true, ssrEmitAssets: true }, ssr: { external: ['pets'] } }],
])("external of %s does not exclude a package's photograph", async ([, config]) => {
  const project = await createProject({
    'src/main.js': "export { default as cat } from 'pets/cat.jpg?nobg'",
    'node_modules/pets/package.json': '{ "name": "pets" }',
  })
  await project.photo('cat.jpg', 'node_modules/pets/cat.jpg')
  const build = await buildProject(project, { config: config as InlineConfig })
  const { cat } = await build.run()
  await expectCutout(await build.follow(cat))
})

test('a worker imports cutouts', async () => {
  const project = await createProject({
    'src/main.js':
      "export const worker = () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })",
    'src/worker.js': "import cat from './cat.jpg?nobg'\npostMessage(cat)",
  })
  const build = await buildProject(project, { config: { worker: { format: 'es' } } })
  const worker = String(await build.follow(`/${build.names.find(name => /worker-.+\.js$/.test(name))}`))
  await expectCutout(await build.follow(/"(\/assets\/cat-.+?)"/.exec(worker)![1]))
})

test('names are equal in two checkouts in different folders', async () => {
  const files = { 'src/main.js': "export { default as cat } from './cat.jpg?nobg'" }
  const plugins = () => [testNobg({ cacheDir: 'node_modules/.cache/nobg' })]
  const one = await buildProject(await createProject(files), { plugins: plugins() })
  const other = await buildProject(await createProject(files), { plugins: plugins() })
  expect(one.names).toEqual(other.names)
})

test('a build works with a store that has no files', async () => {
  const project = await createProject({ 'src/main.js': "export { default as cat } from './cat.jpg?nobg'" })
  const plugins = [testNobg({ store: new Map(), cacheDir: project.path('cache') })]
  for (const expected of ['1 image processed', '1 from cache']) {
    const build = await buildProject(project, { plugins })
    const { cat } = await build.run()
    await expectCutout(await build.follow(cat))
    expect(build.log).toMatch(expected)
  }
})
