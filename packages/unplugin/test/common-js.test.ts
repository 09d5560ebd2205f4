import { createRequire } from 'node:module'
import { rspack } from '@rspack/core'
import { expect, test } from 'vitest'
import webpack, { type Configuration, type Stats } from 'webpack'
import { testOptions } from './support/cache-dir.ts'
import { createProject, linkModules } from './support/project.ts'

const require = createRequire(import.meta.url)
const hosts = ['vite', 'rollup', 'rolldown', 'webpack', 'rspack', 'rsbuild', 'esbuild', 'next']

test.each(hosts)('require() returns the plugin for %s, which is also its property default', host => {
  const nobg = require(`unplugin-nobg/${host}`)
  expect(nobg).toBeTypeOf('function')
  expect(nobg.default).toBe(nobg)
  expect(nobg({ enabled: false })).toBeDefined()
})

test('require() returns the loader with its property raw', () => {
  const loader = require('unplugin-nobg/loader')
  expect([typeof loader, loader.raw, loader.default === loader]).toEqual(['function', true, true])
})

test('require() of the package returns the plugins for all hosts', () => {
  const nobg = require('unplugin-nobg')
  for (const host of hosts) expect(nobg[host]).toBe(require(`unplugin-nobg/${host}`))
  expect(nobg.default).toBe(nobg)
})

test('import of the package gives the plugins for all hosts, by name and by default', async () => {
  const { default: nobg, ...named } = await import('unplugin-nobg')
  for (const host of hosts) expect(named).toHaveProperty(host, nobg[host as keyof typeof nobg])
})

test.each([
  ['webpack', webpack],
  ['rspack', rspack as unknown as typeof webpack],
])('%s builds with a configuration in CommonJS', async (host, compile) => {
  const project = await createProject({
    'src/main.js': `export { default as cat } from './cat.jpg?nobg'`,
    'build.config.cjs': `const nobg = require('unplugin-nobg/${host}')
      module.exports = options => ({
        mode: 'production',
        context: __dirname,
        entry: './src/main.js',
        output: { path: __dirname + '/dist', filename: 'main.cjs', library: { type: 'commonjs2' }, publicPath: '/' },
        plugins: [nobg(options)],
        infrastructureLogging: { level: 'none' },
      })`,
  })
  await linkModules(project, 'astro', 'unplugin-nobg')
  const config: Configuration = require(project.path('build.config.cjs'))(testOptions)
  const stats = await new Promise<Stats | undefined>((resolve, reject) =>
    compile(config, (error, result) => (error ? reject(error) : resolve(result))),
  )
  expect(stats?.toJson({ all: false, errors: true }).errors).toEqual([])
  const { cat } = require(project.path('dist/main.cjs'))
  expect([...(await project.read(`dist${cat}`)).subarray(1, 4)]).toEqual([73, 70, 70])
})
