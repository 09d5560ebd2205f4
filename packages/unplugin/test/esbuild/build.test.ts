import type { BuildOptions, Plugin } from 'esbuild'
import { expect, test } from 'vitest'
import { withoutWeights } from '../support/cache-dir.ts'
import { expectCutout, expectOpaque } from '../support/picture.ts'
import { createProject } from '../support/project.ts'
import { buildProject, failBuild, testNobg } from './build.ts'

const main = "export { default as cat } from './cat.jpg?nobg'"

/** A plugin that excludes imports from the bundle, as plugins for a project's dependencies do. */
const leaveOut = (filter: RegExp): Plugin => ({
  name: 'leave-out',
  setup: build => build.onResolve({ filter }, ({ path }) => ({ path, external: true })),
})

test.for([
  ['an import', main],
  ['the sibling spelling', "export { default as cat } from './cat.nobg.jpg'"],
  ['require', "exports.cat = require('./cat.jpg?nobg')"],
])('%s is the URL of an emitted cutout', async ([, code]) => {
  const project = await createProject({ 'src/main.js': code })
  const { names, exports, follow } = await buildProject(project)
  expect(exports.cat).toMatch(/^\.\/cat-[A-Z\d]{8}\.webp$/)
  expect(names).toHaveLength(2)
  expect(await expectCutout(await follow(exports.cat))).toEqual({ width: 240, height: 160 })
})

test("the user's loader, names and public path have priority", async () => {
  const project = await createProject({ 'src/main.js': main })
  const inlined = await buildProject(project, { loader: { '.webp': 'dataurl' } })
  expect(inlined.exports.cat).toMatch(/^data:image\/webp;base64,/)
  await expectCutout(await inlined.follow(inlined.exports.cat))
  const named = await buildProject(project, { assetNames: '[name]', publicPath: 'https://cdn.example/' })
  expect(named.exports.cat).toMatch(/^https:\/\/cdn\.example\/cat-[\da-f]{8}\.webp$/)
})

test.for(['file', 'copy'] as const)(
  "[dir] and the metafile's inputs are the photograph's: %s",
  async loader => {
    const project = await createProject({
      'src/main.js': "export const cat = () => import('./pets/cat.jpg?nobg')",
      'package.json': '{}',
    })
    await project.photo('cat.jpg', 'src/pets/cat.jpg')
    const plugins = [testNobg({ cacheDir: project.path('node_modules/.cache/nobg') })]
    const { result } = await buildProject(project, {
      plugins,
      loader: { '.webp': loader },
      assetNames: '[dir]/[name]',
    })
    const outputs = Object.keys(result.metafile?.outputs ?? {})
    expect(outputs.join()).toMatch(/dist\/pets\/cat-[\da-f]{8}\.webp/)
    expect([...outputs, ...Object.keys(result.metafile?.inputs ?? {})].join()).not.toContain('.cache')
    expect(Object.keys(result.metafile?.inputs ?? {}).join()).toMatch(/src\/pets\/cat-[\da-f]{8}\.webp/)
    const picture = outputs.find(name => name.endsWith('.webp'))!
    await expectCutout(await project.read(picture))
  },
)

const variants = [
  "export { default as cat } from './cat.jpg?nobg'",
  "export { default as white } from './cat.jpg?nobg&backgroundColor=white'",
].join('\n')

test.for([
  ['a hash', '[dir]/[name]-[hash]', /^\.\/pets\/cat-[A-Z\d]{8}\.\w+$/],
  ['no hash', '[dir]/[name]', /^\.\/pets\/cat-[\da-f]{8}\.\w+$/],
] as const)('two pictures of one photograph get two files: %s', async ([, assetNames, pattern]) => {
  const project = await createProject({ 'src/main.js': variants.replaceAll('./cat', './pets/cat') })
  await project.photo('cat.jpg', 'src/pets/cat.jpg')
  const { exports, follow } = await buildProject(project, { assetNames })
  expect(exports.cat).toMatch(pattern)
  expect(exports.white).toMatch(pattern)
  await expectCutout(await follow(exports.cat))
  await expectOpaque(await follow(exports.white))
})

test('other words stay in the URL', async () => {
  const project = await createProject({
    'src/main.js': "export { default as cat } from './cat.jpg?w=20&nobg#top'",
  })
  const { exports, follow } = await buildProject(project)
  expect(exports.cat).toMatch(/\.png\?w=20#top$/)
  await expectCutout(await follow(exports.cat), 'png')
})

test.for([
  ['an alias', { alias: { '@': './src' } }, {}],
  [
    'paths of tsconfig.json',
    {},
    { 'tsconfig.json': '{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }' },
  ],
] as const)('%s resolves to the photograph', async ([, options, files]) => {
  const project = await createProject({
    'src/main.js': "export { default as cat } from '@/cat.jpg?nobg'",
    ...files,
  })
  const { exports, follow } = await buildProject(project, options)
  await expectCutout(await follow(exports.cat))
})

test("packages: 'external' does not exclude pictures", async () => {
  const project = await createProject({ 'src/main.js': main, 'package.json': '{}' })
  const plugins = [testNobg({ cacheDir: project.path('node_modules/.cache/nobg') })]
  const { exports, follow } = await buildProject(project, { packages: 'external', plugins })
  await expectCutout(await follow(exports.cat))
})

test.for<[string, BuildOptions]>([
  ["packages: 'external'", { packages: 'external' }],
  ['a package in external', { external: ['pets'] }],
  ['a pattern of files in external', { external: ['*.jpg'] }],
  ['a plugin', { plugins: [testNobg(), leaveOut(/^pets/)] }],
])("%s does not exclude a package's photograph", async ([, options]) => {
  const project = await createProject({
    'src/main.js': "export { default as cat } from 'pets/cat.jpg?nobg'",
    'node_modules/pets/package.json': '{ "name": "pets" }',
  })
  await project.photo('cat.jpg', 'node_modules/pets/cat.jpg')
  const { exports, follow } = await buildProject(project, options)
  await expectCutout(await follow(exports.cat))
})

test.for<BuildOptions>([{}, { packages: 'external' }, { external: ['pets'] }])(
  "a package's photograph that is missing is named by its package: %j",
  async options => {
    const project = await createProject({ 'src/main.js': "import 'pets/cat.jpg?nobg'" })
    const [{ text }] = await failBuild(project, options)
    expect(text).toMatch(/^Expected an image file, got nothing at this path: pets\/cat\.jpg\n/)
    expect(text).toContain('a file of an installed package')
  },
)

test.for(['url(./cat.jpg?nobg)', 'url("cat.jpg?nobg")', "image-set(url('./cat.jpg?nobg') 1x)"])(
  '%s in a style sheet and in an imported style sheet is processed',
  async value => {
    const project = await createProject({
      'src/main.js': "import './main.css'",
      'src/main.css': `@import "./theme.css"; a { background: ${value} }`,
      'src/theme.css': `b { background: ${value} }`,
    })
    const { follow } = await buildProject(project)
    const css = String(await project.read('dist/main.css'))
    const urls = [...css.matchAll(/url\("?([^)"]+)/g)].map(([, url]) => url)
    expect(urls).toHaveLength(2)
    for (const url of urls) await expectCutout(await follow(url))
  },
)

test('if nobg is off, the photograph is emitted', async () => {
  const project = await createProject({ 'src/main.js': main })
  const { exports, follow } = await buildProject(project, { plugins: [testNobg({ enabled: false })] })
  await expectOpaque(await follow(exports.cat))
})

test.for([
  ['missing', './no.jpg?nobg', 'got nothing at this path'],
  ['damaged', './bad.jpg?nobg', 'Expected an image, got text: '],
  ['misspelt', './cat.jpg?nobg&outputFormt=webp', "Did you mean 'outputFormat'"],
  ['of no model', './cat.jpg?nobg=portrat', "Did you mean 'portrait'"],
])('%s: the error has reason, import and esbuild location', async ([, specifier, reason]) => {
  const project = await createProject({
    'src/main.js': `export const one = 1\n  export { default as cat } from '${specifier}'`,
    'src/bad.jpg': 'no image',
  })
  const [{ text, location, pluginName }, ...more] = await failBuild(project)
  expect(more).toEqual([])
  expect(text).toContain(reason)
  expect(pluginName).toBe('nobg')
  expect(location).toMatchObject({ file: 'src/main.js', line: 2, column: 34, length: specifier.length })
  expect(location?.lineText).toBe(`  export { default as cat } from '${specifier}'`)
})

test('the error about missing weights has model, size, license, path, the address and a hint', async () => {
  const project = await createProject({
    'src/main.js': "export { default as cat } from './cat.jpg?nobg=portrait'",
  })
  const { options, parts } = withoutWeights(project.path('models'))
  const [{ text }] = await failBuild(project, { plugins: [testNobg(options)] })
  for (const part of parts) expect(text).toContain(part)
})

test.for([
  ['new URL', { 'src/main.js': "console.log(new URL('./cat.jpg?nobg', import.meta.url))" }, 'main.cjs'],
  [
    'a string of image-set()',
    { 'src/main.js': "import './a.css'", 'src/a.css': 'a { background: image-set("./cat.jpg?nobg" 1x) }' },
    'main.css',
  ],
] as const)('%s, which esbuild does not pass to plugins, fails the build', async ([, files, output]) => {
  const project = await createProject({ ...files })
  const esm = { format: 'esm', write: false } as const
  for (const options of [{ write: true, metafile: false }, { write: false }]) {
    const [{ text }] = await failBuild(project, { ...esm, ...options })
    expect(text).toContain(`./cat.jpg?nobg in dist/${output}`)
  }
  const { result } = await buildProject(project, { ...esm, plugins: [testNobg({ unprocessed: 'warn' })] })
  expect(result.warnings.map(({ text }) => text).join()).toContain('left unprocessed')
})
