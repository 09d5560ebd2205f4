import { CssExtractRspackPlugin, HtmlRspackPlugin } from '@rspack/core'
import HtmlWebpackPlugin from 'html-webpack-plugin'
import MiniCssExtractPlugin from 'mini-css-extract-plugin'
import { describe, expect, test } from 'vitest'
import type { Compiler, WebpackPluginInstance } from 'webpack'
import { expectCutout, expectOpaque } from '../support/picture.ts'
import { createProject } from '../support/project.ts'
import { compileProject, loaderPath, type Tool, testNobg, tools } from './build.ts'

const extractors = { webpack: MiniCssExtractPlugin, rspack: CssExtractRspackPlugin }
const pages = { webpack: HtmlWebpackPlugin, rspack: HtmlRspackPlugin }

describe.for(Object.keys(tools) as Tool[])('%s', tool => {
  const Extractor = extractors[tool]
  const extract = new Extractor() as unknown as WebpackPluginInstance

  test('css-loader: url() of a style sheet and of an imported style sheet, and image-set() are processed', async () => {
    const project = await createProject({
      'src/main.js': "import './main.css'",
      'src/main.css': '@import "./theme.css"; a { background: url(cat.jpg?nobg) }',
      'src/theme.css': 'b { background: image-set("./cat.jpg?nobg&crop" 1x) }',
    })
    const { names, follow, stats } = await compileProject(tool, project, {
      plugins: [testNobg(tool), extract],
      module: { rules: [{ test: /\.css$/, use: [Extractor.loader, loaderPath('css-loader')] }] },
    })
    expect(stats.errors).toEqual([])
    const css = String(await project.read('dist/main.css'))
    const addresses = [...css.matchAll(/[("](\/[^")]+\.webp)/g)].map(([, address]) => address)
    expect(addresses).toHaveLength(2)
    for (const address of addresses) await expectCutout(await follow(address))
    expect(names.filter(name => name.endsWith('.webp'))).toHaveLength(2)
    expect(css).not.toContain('nobg')
  })

  test('style sheets of the compiler itself are processed', async () => {
    const project = await createProject({
      'src/main.js': "import './main.css'",
      'src/main.css': 'a { background: url(./cat.jpg?nobg) }',
    })
    const { follow, stats } = await compileProject(tool, project, {
      target: 'web',
      module: { rules: [{ test: /\.css$/, type: 'css' }] },
      ...(tool === 'webpack' && { experiments: { css: true } }),
    })
    expect(stats.errors).toEqual([])
    const css = String(await project.read('dist/main.css'))
    await expectCutout(await follow(/url\("?([^)"]+)/.exec(css)?.[1] ?? ''))
  })

  test('html-loader: src and srcset are processed', async () => {
    const project = await createProject({
      'src/main.js': "export { default as html } from './page.html'",
      'src/page.html': '<img src="./cat.jpg?nobg" srcset="./cat.jpg?nobg&crop 2x">',
    })
    const { exports, follow } = await compileProject(tool, project, {
      module: { rules: [{ test: /\.html$/, loader: loaderPath('html-loader') }] },
    })
    const [, one, two] = /src="file:([^"]+)" srcset="file:([^ ]+) 2x"/.exec(exports.html) ?? []
    for (const address of [one, two]) await expectCutout(await follow(address))
  })

  test('html-loader: the page of a plugin is processed', async () => {
    const project = await createProject({
      'src/main.js': '',
      'src/page.html': '<!doctype html><img src="./cat.jpg?nobg">',
    })
    const template = `${loaderPath('html-loader')}!${project.path('src/page.html')}`
    const page = new HtmlWebpackPlugin({ template })
    const { follow, stats } = await compileProject(tool, project, { plugins: [testNobg(tool), page] })
    expect(stats.errors).toEqual([])
    const html = String(await project.read('dist/index.html'))
    await expectCutout(await follow(/src="?(.+?\.webp)/.exec(html)?.[1] ?? ''))
  })

  test.for([
    ['file-loader', /^\/[\da-f]+\.webp$/],
    ['url-loader', /^data:image\/webp;base64,/],
  ] as const)('a rule with %s gets the finished picture and its name', async ([loader, address]) => {
    const project = await createProject({ 'src/main.js': "export { default as cat } from './cat.jpg?nobg'" })
    const { exports, follow } = await compileProject(tool, project, {
      module: { rules: [{ test: /\.webp$/, type: 'javascript/auto', loader: loaderPath(loader) }] },
    })
    expect(exports.cat).toMatch(address)
    await expectCutout(await follow(exports.cat))
  })

  test('a rule with a loader and conditions, as in Next.js, gets the picture, and its JavaScript stays JavaScript', async () => {
    const project = await createProject({
      'src/main.js': "export { default as cat } from './cat.jpg?nobg'",
    })
    const rule = { test: /\.webp$/, loader: loaderPath('file-loader'), issuer: { not: /\.css$/ } }
    const { exports, follow } = await compileProject(tool, project, { module: { rules: [rule] } })
    expect(exports.cat).toMatch(/^\/[\da-f]+\.webp$/)
    await expectCutout(await follow(exports.cat))
  })

  test.for([
    ['a hash', '[name].[contenthash:8].[ext]', /^\/cat\.[\da-f]{8}\.\w+$/],
    ['no hash', '[name].[ext]', /^\/cat-[\da-f]{8}\.\w+$/],
  ] as const)('a loader names two pictures of one photograph with %s', async ([, name, pattern]) => {
    const project = await createProject({
      'src/main.js': [
        "export { default as cat } from './cat.jpg?nobg'",
        "export { default as white } from './cat.jpg?nobg&backgroundColor=white'",
      ].join('\n'),
    })
    const use = { loader: loaderPath('file-loader'), options: { name } }
    const rule = { test: /\.(?:png|webp)$/, type: 'javascript/auto', use }
    const { exports, follow, stats } = await compileProject(tool, project, { module: { rules: [rule] } })
    expect(stats.errors).toEqual([])
    expect(exports.cat).toMatch(pattern)
    expect(exports.white).toMatch(pattern)
    await expectCutout(await follow(exports.cat))
    await expectOpaque(await follow(exports.white))
  })

  test.for(['', '!', '!!', '-!'])(
    '%s before an inline loader: the loader gets the finished picture',
    async prefix => {
      const loader = `${loaderPath('file-loader')}?name=[name].[ext]`
      const project = await createProject({
        'src/main.js': `export { default as cat } from '${prefix}${loader}!./cat.jpg?nobg'`,
      })
      const rule = { test: /\.webp$/, type: 'javascript/auto' }
      const { exports, follow, stats } = await compileProject(tool, project, { module: { rules: [rule] } })
      expect(stats.errors).toEqual([])
      expect(exports.cat).toMatch(/^\/cat-[\da-f]{8}\.webp$/)
      await expectCutout(await follow(exports.cat))
    },
  )

  test.for(['!', '!!', '-!'])('%s disables the loaders of the rules for the picture', async prefix => {
    const loader = `${loaderPath('url-loader')}?limit=1000000`
    const project = await createProject({
      'src/main.js': `export { default as cat } from '${prefix}${loader}!./cat.jpg?nobg'`,
    })
    const rule = { test: /\.(?:webp|jpg)$/, type: 'javascript/auto', loader: loaderPath('file-loader') }
    const { exports, follow, names } = await compileProject(tool, project, { module: { rules: [rule] } })
    expect(exports.cat).toMatch(/^data:image\/webp;base64,/)
    await expectCutout(await follow(exports.cat))
    expect(names).toEqual(['main.cjs'])
  })

  test.for(['', '!', '!!', '-!'])('%s before an inline loader works without any rule', async prefix => {
    const loader = `${loaderPath('url-loader')}?limit=1000000`
    const project = await createProject({
      'src/main.js': `export { default as cat } from '${prefix}${loader}!./cat.jpg?nobg'`,
    })
    const { exports, follow } = await compileProject(tool, project)
    await expectCutout(await follow(exports.cat))
  })

  test('several inline loaders run from right to left, and their queries may contain the marker', async () => {
    const project = await createProject({
      'src/main.js':
        "export { default as cat } from '!./wrap.cjs?nobg!./bytes.cjs?a.jpg?nobg!./cat.jpg?nobg'",
      'src/bytes.cjs': 'module.exports = bytes => bytes.toString("base64"); module.exports.raw = true',
      'src/wrap.cjs': `module.exports = text => 'export default "data:image/webp;base64,' + text + '"'`,
    })
    const { exports, follow, stats } = await compileProject(tool, project)
    expect(stats.errors).toEqual([])
    await expectCutout(await follow(exports.cat))
  })

  test('an existing match resource and its rules stay', async () => {
    const project = await createProject({
      'src/main.js': "export { default as cat } from './other.picture!=!./cat.jpg?nobg'",
    })
    const { exports, follow, stats } = await compileProject(tool, project, {
      module: { rules: [{ test: /\.picture$/, type: 'asset/resource' }] },
    })
    expect(stats.errors).toEqual([])
    expect(exports.cat).toMatch(/\.picture$/)
    await expectCutout(await follow(exports.cat))
  })

  test('a marked reference in a page that no loader reads fails the build', async () => {
    const project = await createProject({
      'src/main.js': '',
      'src/page.html': '<!doctype html><img src="./cat.jpg?nobg">',
    })
    const page = new pages[tool]({
      template: project.path('src/page.html'),
    }) as unknown as WebpackPluginInstance
    const { stats } = await compileProject(tool, project, { plugins: [testNobg(tool), page] })
    expect(stats.errors?.map(({ message }) => message).join()).toContain('./cat.jpg?nobg in index.html')
    const warned = await compileProject(tool, project, {
      plugins: [testNobg(tool, { unprocessed: 'warn' }), page],
    })
    expect(warned.stats.errors).toEqual([])
    expect(warned.stats.warnings).toHaveLength(1)
  })

  test.for([
    ['emitted', {}, undefined],
    ['in the folder of the output', {}, 'dist/pics/ada.jpg'],
    ['in the folder that the development server serves', { devServer: {} }, 'public/pics/ada.jpg'],
    ['in another served folder', { devServer: { static: ['assets'] } }, 'assets/pics/ada.jpg'],
  ] as [string, object, string | undefined][])(
    'a string that names a file which is %s fails the build',
    async ([, config, file]) => {
      const project = await createProject({
        'src/main.js': 'export const html = \'<img src="/pics/ada.jpg?nobg">\'',
      })
      if (file) await project.photo('cat.jpg', file)
      const emit = {
        apply: (compiler: Compiler) =>
          compiler.hooks.thisCompilation.tap('copy', compilation =>
            compilation.hooks.processAssets.tap('copy', () => {
              const { RawSource } = compiler.webpack.sources
              compilation.emitAsset('pics/ada.jpg', new RawSource(Buffer.from('')))
            }),
          ),
      }
      const plugins = [testNobg(tool), ...(file ? [] : [emit])]
      const { stats } = await compileProject(tool, project, { plugins, ...config })
      expect(stats.errors?.map(({ message }) => message).join()).toContain('/pics/ada.jpg?nobg in main.cjs')
    },
  )

  test('a script with the marker in text is no error', async () => {
    const project = await createProject({
      'src/main.js': "export const text = 'Write /pics/ada.jpg?nobg or ?nobg'",
    })
    const { stats } = await compileProject(tool, project, { devServer: {} } as object)
    expect(stats.errors).toEqual([])
  })
})
