import { cp, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Configuration } from 'webpack'
import type { Options } from '../../src/core/options.ts'
import { halfMatte, listKept, opaqueHalf } from '../support/matte.ts'
import { createProject, type Project } from '../support/project.ts'
import { until } from '../support/serve.ts'
import { compileProject, openCompiler, readCompiled, type Tool, testNobg, tools } from './build.ts'

const main = "export { default as cat } from './cat.jpg?nobg'"

beforeEach(() => {
  vi.stubEnv('NOBG_FROZEN', '0')
  return () => vi.unstubAllEnvs()
})

/** Watches a project until the end of the test. @returns the errors of each compilation so far, and the picture's half. */
function watchProject(tool: Tool, project: Project, options: Options = {}) {
  const errors: number[] = []
  const plugins = [testNobg(tool, { cacheDir: project.path('cache'), ...options })]
  const compiler = openCompiler(tool, project, { mode: 'development', plugins })
  const watching = compiler.watch({ poll: 50, aggregateTimeout: 20 }, (_error, stats) => {
    errors.push(stats?.compilation.errors.length ?? -1)
  })
  onTestFinished(() => new Promise<void>(resolve => watching?.close(() => resolve())))
  const half = async () => {
    const { exports, follow } = await readCompiled(project)
    return opaqueHalf(await follow(exports.cat))
  }
  return { errors, half }
}

describe.for(Object.keys(tools) as Tool[])('%s', tool => {
  test('a matte that is created, changed and removed changes the output of a build that watches', async () => {
    const project = await createProject({ 'src/main.js': main })
    const { errors, half } = watchProject(tool, project)
    await until(() => errors.length === 1)
    expect(await half()).toBe('neither')
    await project.write('src/cat.matte.png', await halfMatte('left'))
    await until(async () => (await half()) === 'left')
    await project.write('src/cat.matte.png', await halfMatte('right'))
    await until(async () => (await half()) === 'right')
    await rm(project.path('src/cat.matte.png'))
    await until(async () => (await half()) === 'neither')
  })

  test('a corrected kept matte changes the output of a build that watches', async () => {
    const project = await createProject({ 'src/main.js': main })
    const { errors, half } = watchProject(tool, project, { mattes: 'mattes' })
    await until(() => errors.length > 0)
    const [file] = await listKept(project)
    await project.write(file, await halfMatte('right'))
    await until(async () => (await half()) === 'right')
  })

  test('a kept matte that is empty for a moment is read again', async () => {
    const project = await createProject({ 'src/main.js': main })
    const { errors, half } = watchProject(tool, project, { mattes: 'mattes' })
    await until(() => errors.length > 0)
    const [file] = await listKept(project)
    await project.write(file, '')
    await until(() => (errors.at(-1) ?? 0) > 0)
    await project.write(file, await halfMatte('right'))
    await until(async () => (await half()) === 'right')
  })

  test('a wrong matte is an error until it is fixed', async () => {
    const project = await createProject({ 'src/main.js': main, 'src/cat.matte.png': 'no image' })
    const { errors } = watchProject(tool, project)
    await until(() => errors.at(-1) === 1)
    await project.write('src/cat.matte.png', await halfMatte('left'))
    await until(() => errors.at(-1) === 0)
  })

  test('a query names a matte relative to the importer', async () => {
    const source = main.replace("nobg'", "nobg&matte=../mine/right.png'")
    const project = await createProject({ 'src/main.js': source })
    await project.write('mine/right.png', await halfMatte('right'))
    const { exports, follow } = await compileProject(tool, project)
    expect(await opaqueHalf(await follow(exports.cat))).toBe('right')
  })

  test('a changed matte does not come from the cache on disk', async () => {
    const project = await createProject({ 'src/main.js': main, 'package.json': '{}' })
    const directory = project.path('node_modules/.cache/modules')
    const config = (
      tool === 'webpack'
        ? { cache: { type: 'filesystem', cacheDirectory: directory } }
        : { cache: { type: 'persistent', storage: { type: 'filesystem', directory } } }
    ) as Configuration
    const half = async (options: Options = {}) => {
      const { stats, exports, follow } = await compileProject(tool, project, {
        plugins: [testNobg(tool, { mattes: 'mattes', ...options })],
        ...config,
      })
      expect(stats.errors).toEqual([])
      return opaqueHalf(await follow(exports.cat))
    }
    expect(await half()).toBe('neither')
    const [kept] = await listKept(project)
    await project.write(kept, await halfMatte('right'))
    expect(await half()).toBe('right')
    await project.write('src/cat.matte.png', await halfMatte('left'))
    expect(await half()).toBe('left')
    await rm(project.path('src/cat.matte.png'))
    expect(await half()).toBe('right')
  })

  test('a frozen build reports each missing matte with the command', async () => {
    const project = await createProject({
      'src/main.js': `${main}\nexport { default as b } from './b.jpg?nobg'`,
    })
    await project.photo('astronaut.jpg', 'src/b.jpg')
    const plugins = [testNobg(tool, { mattes: 'mattes', frozen: true })]
    const { stats } = await compileProject(tool, project, { plugins })
    const messages = (stats.errors ?? []).map(({ message }) => message).join('\n')
    for (const part of ['src/cat.jpg', 'src/b.jpg', 'NOBG_FROZEN=0', project.path('mattes')])
      expect(messages).toContain(part)
  })

  test('a frozen build in another folder, without weights, has equal pictures', async () => {
    const project = await createProject({ 'src/main.js': main.replace('nobg', 'nobg=mine') })
    const other = await createProject({})
    const weights = fileURLToPath(new URL('../../../u2netp/weights/u2netp.onnx', import.meta.url))
    await cp(weights, project.path('mine.onnx'))
    const build = async (project: Project, frozen: boolean) => {
      const models = { mine: { path: project.path('mine.onnx'), resolution: 320 } }
      const options = { cacheDir: project.path('cache'), mattes: 'mattes', substitute: {}, models, frozen }
      const { stats, exports, follow } = await compileProject(tool, project, {
        plugins: [testNobg(tool, options)],
      })
      expect(stats.errors).toEqual([])
      return follow(exports.cat)
    }
    const first = await build(project, false)
    for (const folder of ['src', 'mattes'])
      await cp(project.path(folder), other.path(folder), { recursive: true })
    expect(await build(other, true)).toEqual(first)
  })
})
