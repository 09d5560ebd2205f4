import { readdir } from 'node:fs/promises'
import alias from '@rollup/plugin-alias'
import pluginUrl from '@rollup/plugin-url'
import type { Plugin, RollupOptions } from 'rollup'
import { describe, expect, test } from 'vitest'
import { withoutWeights } from '../support/cache-dir.ts'
import { expectCutout, expectOpaque } from '../support/picture.ts'
import { createProject } from '../support/project.ts'
import { buildProject, type Tool, testNobg, tools } from './build.ts'

// The package declares the types of a CommonJS module with a default member, but it has none.
const url = pluginUrl as unknown as typeof pluginUrl.default

const variants = [
  "export { default as cat } from './cat.jpg?nobg'",
  "export { default as white } from './cat.jpg?nobg&backgroundColor=white'",
].join('\n')

const main = "export { default as cat } from './cat.jpg?nobg'"

describe.for(Object.keys(tools) as Tool[])('%s', tool => {
  test.for([
    ['an import', main, {}],
    ['the sibling spelling', "export { default as cat } from './cat.nobg.jpg'", {}],
    ['an import()', "export const { default: cat } = await import('./cat.jpg?nobg')", {}],
    [
      'a preset',
      "export { default as cat } from './cat.jpg?nobg=hero'",
      { presets: { hero: { crop: false } } },
    ],
  ] as const)('%s is the URL of an emitted cutout', async ([, code, options]) => {
    const project = await createProject({ 'src/main.js': code })
    const { names, cat, picture } = await buildProject(tool, project, testNobg(tool, options))
    expect(cat).toMatch(/^file:.*\/dist\/assets\/cat-[\w-]{8}\.webp$/)
    expect(names.filter(name => name.endsWith('.webp'))).toHaveLength(1)
    expect(await expectCutout(picture)).toEqual({ width: 240, height: 160 })
  })

  test('format and options come from the query', async () => {
    const project = await createProject({
      'src/main.js': "export { default as cat } from './cat.jpg?nobg&outputFormat=webp'",
    })
    await expectCutout((await buildProject(tool, project)).picture, 'webp')
  })

  test('the next plugin gets the other words and the path of the finished picture', async () => {
    const project = await createProject({
      'src/main.js': "export { default as cat } from './cat.jpg?w=20&nobg&format=webp'",
    })
    const next: Plugin = {
      name: 'next',
      load: id =>
        id.includes('?') ? `export default ${JSON.stringify(`data:text/plain,${id}`)}` : undefined,
    }
    const { picture, names } = await buildProject(tool, project, [testNobg(tool), next])
    expect(String(picture)).toMatch(/\/cat\.png\?w=20&format=webp$/)
    expect(names).toEqual(['main.mjs'])
  })

  test.for([
    ['a hash', '[name]-[hash][extname]', /^cat-[\w-]{8}\.\w+$/],
    ['no hash', '[name][extname]', /^cat-[\da-f]{8}\.\w+$/],
  ] as const)('two pictures of one photograph get two files: %s', async ([, assetFileNames, pattern]) => {
    const project = await createProject({ 'src/main.js': variants })
    const build = await tools[tool].bundle({
      input: project.path('src/main.js'),
      plugins: testNobg(tool),
      onLog() {},
    })
    const { output } = await build.generate({ format: 'es', assetFileNames })
    await build.close()
    const names = output.filter(file => file.type === 'asset').map(({ fileName }) => fileName)
    expect(new Set(names).size).toBe(2)
    for (const name of names) expect(name).toMatch(pattern)
  })

  test('@rollup/plugin-url overwrites no picture with a name without hash', async () => {
    const project = await createProject({ 'src/main.js': variants })
    const plugins = [testNobg(tool), url({ limit: 0, fileName: '[name][extname]' })]
    const build = await tools[tool].bundle({ input: project.path('src/main.js'), plugins, onLog() {} })
    await build.write({ dir: project.path('dist') })
    await build.close()
    const names = (await readdir(project.path('dist'))).filter(name => name.startsWith('cat'))
    expect(names).toHaveLength(2)
    for (const name of names) expect(name).toMatch(/^cat-[\da-f]{8}\.\w+$/)
  })

  test.for(['before', 'after'] as const)('@rollup/plugin-url %s nobg loads the picture', async position => {
    const project = await createProject({ 'src/main.js': main })
    const plugins = [testNobg(tool), url({ limit: 1e6 })]
    const { cat, picture, names } = await buildProject(
      tool,
      project,
      position === 'after' ? plugins : plugins.reverse(),
    )
    expect(cat).toMatch(/^data:image\/webp;base64,/)
    expect(names).toEqual(['main.mjs'])
    await expectCutout(picture)
  })

  test('external: /node_modules/, in any form, does not keep the picture out of a library', async () => {
    const project = await createProject({ 'src/main.js': main, 'package.json': '{}' })
    const cacheDir = project.path('node_modules/.cache/nobg')
    for (const external of [/node_modules/, [/node_modules/], (id: string) => id.includes('node_modules')]) {
      const { imports, picture } = await buildProject(tool, project, testNobg(tool, { cacheDir }), {
        external,
      })
      expect(imports).toEqual([])
      await expectCutout(picture)
    }
  })

  test.for<[string, RollupOptions['external']]>([
    ['a pattern', /^pets\//],
    ['a function', id => !/^[./]/.test(id)],
    ['node_modules', /node_modules|^pets/],
  ])("external as %s does not exclude a package's photograph", async ([, external]) => {
    const project = await createProject({
      'src/main.js': "export { default as cat } from 'pets/cat.jpg?nobg'",
      'node_modules/pets/package.json': '{ "name": "pets" }',
    })
    await project.photo('cat.jpg', 'node_modules/pets/cat.jpg')
    const { imports, picture } = await buildProject(tool, project, testNobg(tool), { external })
    expect(imports).toEqual([])
    await expectCutout(picture)
  })

  test('an alias leads to the photograph, before or after', async () => {
    const project = await createProject({ 'src/main.js': "export { default as cat } from '@/cat.jpg?nobg'" })
    const plugins = [testNobg(tool), alias({ entries: { '@': project.path('src') } })]
    for (const order of [plugins, plugins.toReversed()])
      await expectCutout((await buildProject(tool, project, order)).picture)
  })

  test('a folder may be called C#', async () => {
    const project = await createProject({ 'C#/main.js': main })
    await project.photo('cat.jpg', 'C#/cat.jpg')
    const plugins = testNobg(tool, { cacheDir: project.path('C#/cache') })
    const options = { input: project.path('C#/main.js') }
    await expectCutout((await buildProject(tool, project, plugins, options)).picture)
  })

  test('if nobg is off, the photograph is emitted, and the build logs a line', async () => {
    const project = await createProject({ 'src/main.js': main })
    const { picture, log } = await buildProject(tool, project, testNobg(tool, { enabled: false }))
    await expectOpaque(picture)
    expect(log).toContain('nobg is off: 1 image left unchanged.')
  })

  test.for([
    ['missing', './no.jpg?nobg', 'got nothing at this path'],
    ['damaged', './bad.jpg?nobg', 'Expected an image, got text: '],
    ['misspelt', './cat.jpg?nobg&outputFormt=webp', "Did you mean 'outputFormat'"],
    ['of no model', './cat.jpg?nobg=portrat', "Did you mean 'portrait'"],
  ])('%s: the error has reason, import, importer, line, column and frame', async ([, specifier, reason]) => {
    const project = await createProject({
      'src/main.js': `export const one = 1\n  export { default as cat } from '${specifier}'`,
      'src/bad.jpg': 'no image',
    })
    const error = await buildProject(tool, project).then(
      () => undefined,
      reason => reason,
    )
    for (const part of [reason, specifier, `${project.path('src/main.js')}:2:35`])
      expect(error?.message).toContain(part)
    const { loc, frame } = tool === 'rolldown' ? error.errors[0] : error
    expect(loc).toMatchObject({ line: 2, column: 34 })
    if (tool === 'rollup') expect(frame).toContain(specifier)
  })

  test('the error about missing weights has model, size, license, path, the address and a hint', async () => {
    const project = await createProject({
      'src/main.js': "export { default as cat } from './cat.jpg?nobg=portrait'",
    })
    const { options, parts } = withoutWeights(project.path('models'))
    const error = await buildProject(tool, project, testNobg(tool, options)).catch(reason => reason)
    for (const part of parts) expect(error.message).toContain(part)
  })

  test('missing weights of several pictures are one error', async () => {
    const words = ['', '&crop', '&crop=5px']
    const project = await createProject({
      'src/main.js': words
        .map((word, index) => `export { default as n${index} } from './cat.jpg?nobg=portrait${word}'`)
        .join('\n'),
    })
    const { options } = withoutWeights(project.path('models'))
    const error = await buildProject(tool, project, testNobg(tool, options)).catch(reason => reason)
    expect(error.message.split('Expected the weights of portrait')).toHaveLength(2)
    expect(error.message).toContain('needed for 3 pictures')
  })

  const asset = "export const cat = new URL('./cat.jpg?nobg', import.meta.url).href"

  test('a reference that would ship the original fails the build', async () => {
    const project = await createProject({ 'src/main.js': asset })
    await expect(buildProject(tool, project)).rejects.toThrow(
      /marked images are left unprocessed:\s+\.\/cat\.jpg\?nobg/,
    )
  })

  test("unprocessed: 'warn' warns", async () => {
    const project = await createProject({ 'src/main.js': `${asset.replace('cat =', 'other =')}\n${main}` })
    const { log } = await buildProject(tool, project, testNobg(tool, { unprocessed: 'warn' }))
    expect(log).toContain('./cat.jpg?nobg in main.mjs')
  })
})

test('rolldown: with emit: false its moduleTypes decide', async () => {
  const project = await createProject({ 'src/main.js': main })
  const { cat, picture } = await buildProject('rolldown', project, testNobg('rolldown', { emit: false }), {
    moduleTypes: { '.webp': 'dataurl' },
  } as object)
  expect(cat).toMatch(/^data:image\/webp;base64,/)
  await expectCutout(picture)
})
