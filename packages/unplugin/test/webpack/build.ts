import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { rspack } from '@rspack/core'
import webpack, { type Compiler, type Configuration, type Stats, type StatsCompilation } from 'webpack'
import type { Options } from '../../src/core/options.ts'
import rspackNobg from '../../src/rspack.ts'
import webpackNobg from '../../src/webpack.ts'
import { testOptions } from '../support/cache-dir.ts'
import type { Project } from '../support/project.ts'

/** webpack and Rspack, whose options and hooks are alike as far as the tests use them. */
export const tools = {
  webpack: { compile: webpack, nobg: webpackNobg },
  rspack: { compile: rspack as unknown as typeof webpack, nobg: rspackNobg as unknown as typeof webpackNobg },
}

export type Tool = keyof typeof tools

/** Absolute path of a loader that the tests use; projects in temporary folders have no loaders. */
export const loaderPath: (name: string) => string = createRequire(import.meta.url).resolve

/** The plugin with options for tests. */
export function testNobg(tool: Tool, options: Options = {}): ReturnType<typeof webpackNobg> {
  return tools[tool].nobg({ ...testOptions, ...options })
}

/** A compiler for `src/main.js` of a project, into `dist`. */
export function openCompiler(tool: Tool, project: Project, config: Configuration = {}): Compiler {
  const compiler = tools[tool].compile({
    mode: 'production',
    target: 'node',
    context: project.root,
    entry: './src/main.js',
    plugins: [testNobg(tool)],
    infrastructureLogging: { level: 'none' },
    stats: 'none',
    ...config,
    output: {
      path: project.path('dist'),
      filename: 'main.cjs',
      library: { type: 'commonjs2' },
      publicPath: '/',
      assetModuleFilename: '[name]-[hash][ext][query]',
      ...config.output,
    },
  })
  if (!compiler) throw new Error('expected a compiler')
  return compiler
}

/** The output of a compiler. */
export interface Compiled {
  stats: StatsCompilation
  /** Names of the emitted files, sorted. */
  names: string[]
  /** The exports of the entry, run in Node. */
  exports: Record<string, string>
  /** Reads the file of a URL, or the data of a data URI. */
  follow(url: string): Promise<Buffer>
}

/** Compiles a project once. */
export async function compileProject(
  tool: Tool,
  project: Project,
  config: Configuration = {},
): Promise<Compiled> {
  const compiler = openCompiler(tool, project, config)
  const stats = await new Promise<Stats | undefined>((resolve, reject) =>
    compiler.run((error, result) => (error ? reject(error) : resolve(result))),
  )
  await new Promise(resolve => compiler.close(resolve))
  return readCompiled(
    project,
    stats?.toJson({ all: false, errors: true, warnings: true, modules: true }) ?? {},
  )
}

/** Reads the output. @throws the error of the entry, which may contain the error of the build. */
export async function readCompiled(project: Project, stats: StatsCompilation = {}): Promise<Compiled> {
  const dist = project.path('dist')
  const names = (await readdir(dist, { recursive: true }).catch(() => [])).sort()
  const main = project.path('dist/main.cjs')
  const require = createRequire(main)
  delete require.cache[main]
  return {
    stats,
    names,
    exports: names.includes('main.cjs') && !stats.errors?.length ? require(main) : {},
    follow: async url =>
      url.startsWith('data:')
        ? Buffer.from(await (await fetch(url)).arrayBuffer())
        : readFile(project.path(`dist${url.replace(/\?.*$/, '')}`)),
  }
}
