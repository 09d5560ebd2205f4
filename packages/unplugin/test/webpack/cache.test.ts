import { readdir, rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import type { Configuration } from 'webpack'
import type { Options } from '../../src/core/options.ts'
import { expectCutout, expectOpaque } from '../support/picture.ts'
import { createProject, type Project } from '../support/project.ts'
import { type Compiled, compileProject, type Tool, testNobg, tools } from './build.ts'

type Mode = 'development' | 'production'

/** The option of a cache that keeps modules on disk for later processes. */
function keepModules(tool: Tool, project: Project): Configuration {
  const directory = project.path('node_modules/.cache/modules')
  return tool === 'webpack'
    ? { cache: { type: 'filesystem', cacheDirectory: directory } }
    : ({ cache: { type: 'persistent', storage: { type: 'filesystem', directory } } } as object)
}

/** Truncates the only finished picture of a project. */
async function damagePicture(project: Project): Promise<void> {
  const cache = project.path('node_modules/.cache/nobg')
  const names = await readdir(cache, { recursive: true })
  const picture = names.find(name => /\/cat\.webp$/.test(name)) ?? ''
  await truncate(join(cache, picture), 100)
}

describe.for(Object.keys(tools) as Tool[])('%s with a persistent cache', tool => {
  const main = "export { default as cat } from './cat.jpg?nobg'"

  function compile(project: Project, options: Options, mode: Mode = 'production'): Promise<Compiled> {
    const plugins = [testNobg(tool, { cacheDir: project.path('node_modules/.cache/nobg'), ...options })]
    return compileProject(tool, project, { plugins, mode, ...keepModules(tool, project) })
  }

  async function build(project: Project, mode: Mode) {
    const { exports, follow, stats } = await compile(project, {}, mode)
    expect(stats.errors).toEqual([])
    return follow(exports.cat)
  }

  test.for(['production', 'development'] as const)(
    '%s: lost pictures are made again, and a new photograph is processed',
    async mode => {
      const project = await createProject({
        'src/main.js': main,
        'package.json': '{}',
      })
      const first = await build(project, mode)
      expect(await expectCutout(first)).toMatchObject({ width: 240 })
      await rm(project.path('node_modules/.cache/nobg'), { recursive: true })
      await rm(project.path('dist'), { recursive: true })
      expect(await build(project, mode)).toEqual(first)
      await damagePicture(project)
      await rm(project.path('dist'), { recursive: true })
      expect(await build(project, mode)).toEqual(first)
      await project.photo('astronaut.jpg', 'src/cat.jpg')
      expect(await expectCutout(await build(project, mode))).toMatchObject({ width: 200 })
    },
  )

  test('a build with NOBG=off does not change the next build', async () => {
    const project = await createProject({ 'src/main.js': main, 'package.json': '{}' })
    vi.stubEnv('NOBG', 'off')
    const off = await compile(project, {})
    vi.unstubAllEnvs()
    await expectOpaque(await off.follow(off.exports.cat))
    await rm(project.path('dist'), { recursive: true })
    const { names, exports, follow } = await compile(project, {})
    await expectCutout(await follow(exports.cat))
    expect(names.filter(name => name.endsWith('.jpg'))).toEqual([])
  })

  test('a build without the weights does not get a cached draft', async () => {
    const project = await createProject({ 'src/main.js': main, 'package.json': '{}' })
    const modelsDir = project.path('models')
    vi.stubEnv('NOBG_SUBSTITUTE', 'u2netp')
    const draft = await compile(project, { substitute: undefined, modelsDir })
    vi.unstubAllEnvs()
    expect(draft.stats.errors).toEqual([])
    vi.stubEnv('NOBG_OFFLINE', '1')
    const { stats } = await compile(project, { substitute: undefined, modelsDir })
    vi.unstubAllEnvs()
    expect(stats.errors?.map(({ message }) => message).join()).toContain('Expected the weights')
  })

  test('a changed preset changes the picture', async () => {
    const project = await createProject({
      'src/main.js': main.replace('?nobg', '?nobg=hero'),
      'package.json': '{}',
    })
    await compile(project, { presets: { hero: {} } })
    const { exports, follow } = await compile(project, { presets: { hero: { outputFormat: 'webp' } } })
    await expectCutout(await follow(exports.cat), 'webp')
  })
})
