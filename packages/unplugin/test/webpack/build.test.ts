import { describe, expect, test } from 'vitest'
import type { RuleSetRule } from 'webpack'
import { withoutWeights } from '../support/cache-dir.ts'
import { expectCutout, expectOpaque } from '../support/picture.ts'
import { createProject } from '../support/project.ts'
import { compileProject, type Tool, testNobg, tools } from './build.ts'

const main = "export { default as cat } from './cat.jpg?nobg'"

describe.for(Object.keys(tools) as Tool[])('%s', tool => {
  test.for([
    ['an import', main],
    ['the sibling spelling', "export { default as cat } from './cat.nobg.jpg'"],
    ['new URL', "export const cat = new URL('./cat.jpg?nobg', import.meta.url).pathname"],
    ['require', "exports.cat = require('./cat.jpg?nobg')"],
  ])('%s is the URL of an emitted cutout, without any rule', async ([, code]) => {
    const project = await createProject({ 'src/main.js': code })
    const { names, exports, follow } = await compileProject(tool, project)
    expect(exports.cat).toMatch(/\/cat-[\da-f]+\.webp$/)
    expect(names).toHaveLength(2)
    expect(await expectCutout(await follow(`/${exports.cat.split('/').at(-1)}`))).toEqual({
      width: 240,
      height: 160,
    })
  })

  test('an import without the marker is unchanged', async () => {
    const project = await createProject({ 'src/main.js': "export { default as cat } from './cat.jpg'" })
    const { exports, follow } = await compileProject(tool, project, {
      module: { rules: [{ test: /\.jpg$/, type: 'asset/resource' }] },
    })
    expect(await follow(exports.cat)).toEqual(await project.read('src/cat.jpg'))
  })

  test('an inlined picture has its media type', async () => {
    const project = await createProject({ 'src/main.js': main })
    const { exports, follow, names } = await compileProject(tool, project, {
      module: { rules: [{ test: /\.webp$/, type: 'asset/inline' }] },
    })
    expect(exports.cat).toMatch(/^data:image\/webp;base64,/)
    await expectCutout(await follow(exports.cat))
    expect(names).toEqual(['main.cjs'])
  })

  test('rules and names get the other words', async () => {
    const project = await createProject({
      'src/main.js': [
        "export { default as cat } from './cat.jpg?nobg&size=small'",
        "export { default as inline } from './cat.jpg?inline&nobg'",
      ].join('\n'),
    })
    const rules = [
      { test: /\.(?:png|webp)$/, type: 'asset/resource' },
      { resourceQuery: /inline/, type: 'asset/inline' },
    ]
    const { exports } = await compileProject(tool, project, { module: { rules } })
    expect(exports.cat).toMatch(/^\/cat-[\da-f]+\.png\?size=small$/)
    expect(exports.inline).toMatch(/^data:image\/webp/)
  })

  test.for([
    ['files of another folder', { include: /other/ }],
    ['other importers', { issuer: /\.css$/ }],
    ['other queries', { resourceQuery: /inline/ }],
  ] as [string, RuleSetRule][])(
    'with rules for everything except %s, the picture is a URL',
    async ([, condition]) => {
      const project = await createProject({ 'src/main.js': main, 'package.json': '{}' })
      const { exports, follow, stats } = await compileProject(tool, project, {
        plugins: [testNobg(tool, { cacheDir: undefined })],
        module: { rules: [{ test: /\.webp$/, type: 'asset/inline', ...condition }] },
      })
      expect(stats.errors).toEqual([])
      expect(exports.cat).toMatch(/^\/cat-.*\.webp$/)
      await expectCutout(await follow(exports.cat))
    },
  )

  test.for<[string, string, RuleSetRule]>([
    ['a rule for all but node_modules', './cat.jpg?nobg', { exclude: /node_modules/ }],
    ['a rule for src', './cat.jpg?nobg', { include: /\/src\// }],
    ['a rule for a package', 'pets/cat.jpg?nobg', { include: /node_modules\/pets/ }],
  ])('%s applies to the picture of a photograph there', async ([, specifier, condition]) => {
    const project = await createProject({
      'src/main.js': `export { default as cat } from '${specifier}'`,
      'package.json': '{}',
      'node_modules/pets/package.json': '{ "name": "pets" }',
    })
    await project.photo('cat.jpg', 'node_modules/pets/cat.jpg')
    const { exports } = await compileProject(tool, project, {
      plugins: [testNobg(tool, { cacheDir: undefined })],
      module: { rules: [{ test: /\.webp$/, type: 'asset/inline', ...condition }] },
    })
    expect(exports.cat).toMatch(/^data:image\/webp/)
  })

  test("[path] is the photograph's folder, and no chunk is named after the cache", async () => {
    const project = await createProject({
      'src/main.js': "import { one } from './pets/one.js'\nexport const cat = one",
      'src/pets/one.js': "import cat from './cat.jpg?nobg'\nexport const one = cat",
      'package.json': '{}',
    })
    await project.photo('cat.jpg', 'src/pets/cat.jpg')
    const { names, exports } = await compileProject(tool, project, {
      plugins: [testNobg(tool, { cacheDir: undefined })],
      output: { assetModuleFilename: '[path][name][ext]' },
      optimization: {
        splitChunks: {
          chunks: 'all',
          minSize: 0,
          cacheGroups: { vendors: { test: /[\\/]node_modules[\\/]/, name: 'vendors', enforce: true } },
        },
      },
    })
    expect(exports.cat).toMatch(/^\/src\/pets\/cat-[\da-f]{8}\.webp$/)
    expect(names.filter(name => /vendors|cache/.test(name))).toEqual([])
  })

  const variants = `${main}\nexport { default as white } from './cat.jpg?nobg&backgroundColor=white'`

  test.for([
    ['a hash', '[name].[contenthash:8][ext]', /^\/cat\.[\da-f]{8}\.\w+$/],
    ['no hash', '[name][ext]', /^\/cat-[\da-f]{8}\.\w+$/],
  ] as const)(
    'two pictures of one photograph get two files: %s',
    async ([, assetModuleFilename, pattern]) => {
      const project = await createProject({ 'src/main.js': variants })
      const output = { assetModuleFilename }
      const { exports, follow, stats } = await compileProject(tool, project, { output })
      expect(stats.errors).toEqual([])
      expect(exports.cat).toMatch(pattern)
      expect(exports.white).toMatch(pattern)
      await expectCutout(await follow(exports.cat))
      await expectOpaque(await follow(exports.white))
    },
  )

  test('such a rule overrides the default rule for its requests', async () => {
    const project = await createProject({ 'src/main.js': main.replace('?', '?inline&') })
    const { exports } = await compileProject(tool, project, {
      module: { rules: [{ test: /\.webp$/, resourceQuery: /inline/, type: 'asset/inline' }] },
    })
    expect(exports.cat).toMatch(/^data:image\/webp/)
  })

  test('photographs and folders may have a # in their names', async () => {
    const project = await createProject({
      'C#/main.js': "export { default as cat } from './cat #1.jpg?nobg'",
    })
    await project.photo('cat.jpg', 'C#/cat #1.jpg')
    const { exports, follow, stats } = await compileProject(tool, project, {
      entry: './C#/main.js',
      plugins: [testNobg(tool, { cacheDir: project.path('C#/cache') })],
    })
    expect(stats.errors).toEqual([])
    await expectCutout(await follow(exports.cat))
  })

  test('each picture is reported once', async () => {
    const project = await createProject({
      'src/main.js': `${main}\nimport './other.js'`,
      'src/other.js': main,
    })
    const files: string[] = []
    const plugins = [testNobg(tool, { onCutout: ({ file }) => files.push(file) })]
    await compileProject(tool, project, { plugins })
    expect(files).toHaveLength(1)
  })

  test('an alias resolves to the photograph', async () => {
    const project = await createProject({ 'src/main.js': "export { default as cat } from '@/cat.jpg?nobg'" })
    const { exports, follow } = await compileProject(tool, project, {
      resolve: { alias: { '@': project.path('src') } },
    })
    await expectCutout(await follow(exports.cat))
  })

  test('pictures, names and modules are the same in two folders', async () => {
    const outputs = await Promise.all(
      [1, 2].map(async () => {
        const project = await createProject({ 'src/main.js': main, 'package.json': '{}' })
        const plugins = [testNobg(tool, { cacheDir: undefined })]
        const { names, stats } = await compileProject(tool, project, {
          plugins,
          mode: 'development',
          devtool: false,
          output: { filename: '[contenthash].js' },
        })
        const ids = stats.modules?.map(({ id }) => String(id))
        expect(ids?.join()).not.toContain(project.root)
        return { names, ids }
      }),
    )
    expect(outputs[0]).toEqual(outputs[1])
  })

  test('if nobg is off, the photograph is emitted', async () => {
    const project = await createProject({ 'src/main.js': main })
    const { exports, follow } = await compileProject(tool, project, {
      plugins: [testNobg(tool, { enabled: false })],
    })
    await expectOpaque(await follow(exports.cat))
    expect(exports.cat).toMatch(/\.jpg$/)
  })

  test.for([
    ['missing', './no.jpg?nobg', 'got nothing at this path'],
    ['damaged', './bad.jpg?nobg', 'Expected an image, got text: '],
    ['misspelt', './cat.jpg?nobg&outputFormt=webp', "Did you mean 'outputFormat'"],
    ['of no model', './cat.jpg?nobg=portrat', "Did you mean 'portrait'"],
  ])('%s: the error has reason, import, importer, line and column', async ([, specifier, reason]) => {
    const project = await createProject({
      'src/main.js': `export const one = 1\n  export { default as cat } from '${specifier}'`,
      'src/bad.jpg': 'no image',
    })
    const { stats } = await compileProject(tool, project)
    expect(stats.errors).toHaveLength(1)
    const { message, moduleName, loc } = stats.errors?.[0] ?? {}
    for (const part of [reason, specifier, `${project.path('src/main.js')}:2:35`])
      expect(message).toContain(part)
    expect(moduleName).toContain('./src/main.js')
    expect(loc).toMatch(/^2:/)
  })

  test('the error about missing weights has model, size, license, path, the address and a hint', async () => {
    const project = await createProject({
      'src/main.js': "export { default as cat } from './cat.jpg?nobg=portrait'",
    })
    const { options, parts } = withoutWeights(project.path('models'))
    const { stats } = await compileProject(tool, project, { plugins: [testNobg(tool, options)] })
    for (const part of parts) expect(stats.errors?.[0].message).toContain(part)
  })

  test('an address in the output of JSX that names a photograph beside its module fails the build', async () => {
    const project = await createProject({
      'src/main.js': [
        'export const image = { type: "img", props: { src: "./cat.jpg?nobg", srcSet: "./cat.jpg?nobg&crop 2x" } }',
        'export const other = { src: "./elsewhere.jpg?nobg" }',
        `export const code = '<img src="./cat.jpg?nobg">'`,
      ].join('\n'),
    })
    const { stats } = await compileProject(tool, project)
    const messages = stats.errors?.map(({ message }) => message).join() ?? ''
    expect(messages).toContain(`./cat.jpg?nobg in ${project.path('src/main.js')}:1:`)
    expect(messages).not.toContain('elsewhere')
    await project.photo('cat.jpg', 'dist/cat.jpg')
    await project.write('src/main.js', `export const code = { children: '<img src="./cat.jpg?nobg">' }`)
    expect((await compileProject(tool, project)).stats.errors).toEqual([])
  })

  test('a wrong option stops the compiler', async () => {
    const project = await createProject({ 'src/main.js': main })
    const plugins = () => [testNobg(tool, { unprocesed: 'warn' } as object)]
    await expect((async () => compileProject(tool, project, { plugins: plugins() }))()).rejects.toThrow(
      /unprocessed/,
    )
  })
})
