import { createRequire } from 'node:module'
import { basename } from 'node:path'
import { type BuildFailure, type BuildOptions, type BuildResult, build } from 'esbuild'
import nobg, { type Options } from '../../src/esbuild.ts'
import { testOptions } from '../support/cache-dir.ts'
import type { Project } from '../support/project.ts'

/** The plugin with options for tests. */
export function testNobg(options: Options = {}): ReturnType<typeof nobg> {
  return nobg({ ...testOptions, ...options })
}

/** Options for `src/main.js` of a project, into `dist`. */
export function optionsFor(project: Project, options: BuildOptions = {}): BuildOptions {
  return {
    absWorkingDir: project.root,
    entryPoints: ['src/main.js'],
    bundle: true,
    format: 'cjs',
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
    logLevel: 'silent',
    metafile: true,
    plugins: [testNobg()],
    ...options,
  }
}

/** What a build wrote. */
export interface Built {
  result: BuildResult
  /** Names of the emitted files, sorted. */
  names: string[]
  /** The exports of the entry, run in Node; none if the build writes nothing. */
  exports: Record<string, string>
  /** Reads the file of a URL, or the data of a data URI. */
  follow(url: string): Promise<Buffer>
}

/** Builds a project. @throws {BuildFailure} */
export async function buildProject(project: Project, options: BuildOptions = {}): Promise<Built> {
  const result = await build(optionsFor(project, options))
  const outputs = Object.keys(result.metafile?.outputs ?? {})
  const main = project.path('dist/main.cjs')
  const require = createRequire(main)
  delete require.cache[main]
  return {
    result,
    names: outputs.map(path => basename(path)).sort(),
    exports: result.outputFiles ? {} : require(main),
    follow: async url =>
      url.startsWith('data:')
        ? Buffer.from(await (await fetch(url)).arrayBuffer())
        : project.read(`dist/${url.replace(/[?#].*$/, '')}`),
  }
}

/** The errors of a build that must fail. */
export async function failBuild(
  project: Project,
  options: BuildOptions = {},
): Promise<BuildFailure['errors']> {
  const failure = await buildProject(project, options).then(
    () => undefined,
    error => error as BuildFailure,
  )
  if (!failure) throw new Error('expected the build to fail')
  return failure.errors
}
