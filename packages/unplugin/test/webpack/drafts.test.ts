import { rm } from 'node:fs/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Configuration } from 'webpack'
import type { CutoutReport, Options } from '../../src/webpack.ts'
import { expectCutout } from '../support/picture.ts'
import { optionsOf, putWeights, shrinkPortrait } from '../support/portrait.ts'
import { createProject, type Project } from '../support/project.ts'
import { until } from '../support/serve.ts'
import { compileProject, openCompiler, readCompiled, type Tool, testNobg, tools } from './build.ts'

shrinkPortrait()

const files = { 'src/main.js': "export { default as cat } from './cat.jpg?nobg=portrait'" }

/** Watches a project until the end of the test. */
function watchProject(tool: Tool, project: Project, options: Options, config: Configuration = {}) {
  const errors: string[][] = []
  const log: string[] = []
  const keep = (...words: unknown[]) => void log.push(words.join(' '))
  const compiler = openCompiler(tool, project, {
    mode: 'development',
    plugins: [testNobg(tool, optionsOf(project, options))],
    infrastructureLogging: { level: 'warn', console: { ...console, warn: keep } as Console },
    ...config,
  })
  const watching = compiler.watch({ poll: 50, aggregateTimeout: 20 }, (_error, stats) => {
    errors.push(stats?.compilation.errors.map(({ message }) => message) ?? [])
  })
  let closed: Promise<void> | undefined
  const close = () => {
    // Rspack ends the process if two compilers write one cache: `close` of the compiler waits for its cache.
    closed ??= new Promise(resolve => watching?.close(() => compiler.close(() => resolve())))
    return closed
  }
  onTestFinished(close)
  return { errors, log, close }
}

async function readPicture(project: Project): Promise<Buffer> {
  const { exports, follow } = await readCompiled(project)
  return follow(exports.cat)
}

describe.for(Object.keys(tools) as Tool[])('%s', tool => {
  test('a compiler that watches shows a draft, and replaces it when the weights are on disk', async () => {
    const project = await createProject(files)
    const reports: CutoutReport[] = []
    const { errors, log } = watchProject(tool, project, { onCutout: report => void reports.push(report) })
    await until(() => errors.length > 0)
    expect(errors.flat()).toEqual([])
    const draft = await readPicture(project)
    await expectCutout(draft)
    const said = log.filter(line => line.includes('shows drafts'))
    expect(said).toEqual([expect.stringContaining('Downloads are off: run `npx nobg models pull portrait')])
    await putWeights(project)
    await until(async () => !(await readPicture(project)).equals(draft))
    await expectCutout(await readPicture(project))
    expect(errors.flat()).toEqual([])
    // Each compilation reports its pictures.
    expect([...new Set(reports.map(({ model, draft }) => `${model} ${draft}`))]).toEqual([
      'u2netp true',
      'portrait false',
    ])
  })

  test.for([
    ['draft: false', { draft: false }, {}],
    ['production', {}, { mode: 'production' }],
  ] as const)('with %s missing weights are an error', async ([, options, config]) => {
    const project = await createProject(files)
    const { errors } = watchProject(tool, project, options, config)
    await until(() => errors.length > 0)
    expect(errors.flat().join()).toContain('the weights of portrait')
  })

  test('a build does not find a draft in the cache on disk', async () => {
    const project = await createProject(files)
    const cache = { type: 'filesystem', cacheDirectory: project.path('disk') } as const
    const config: Configuration =
      tool === 'webpack'
        ? { cache }
        : ({
            cache: { type: 'persistent', storage: { type: 'filesystem', directory: project.path('disk') } },
          } as object)
    const watched = watchProject(tool, project, {}, config)
    await until(() => watched.errors.length > 0)
    expect(watched.errors.flat()).toEqual([])
    await watched.close()
    await rm(project.path('dist'), { recursive: true })
    const plugins = [testNobg(tool, optionsOf(project))]
    const build = await compileProject(tool, project, { mode: 'development', plugins, ...config }).catch(
      error => ({
        stats: { errors: [error] },
      }),
    )
    expect(JSON.stringify(build.stats.errors?.map(({ message }) => message))).toContain(
      'the weights of portrait',
    )
  })
})
