import { rm } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import type { Configuration } from 'webpack'
import { expectCutout } from '../support/picture.ts'
import { createProject, type Project } from '../support/project.ts'
import { compileProject, type Tool, testNobg, tools } from './build.ts'

/** What keeps modules on disk from one process to the next. */
function keepModules(tool: Tool, project: Project): Configuration {
  const directory = project.path('node_modules/.cache/modules')
  return tool === 'webpack'
    ? { cache: { type: 'filesystem', cacheDirectory: directory } }
    : ({ cache: { type: 'persistent', storage: { type: 'filesystem', directory } } } as object)
}

describe.for(Object.keys(tools) as Tool[])('%s with a persistent cache', tool => {
  async function build(project: Project, mode: 'development' | 'production') {
    const cacheDir = project.path('node_modules/.cache/nobg')
    const plugins = [testNobg(tool, { cacheDir })]
    const { exports, follow, stats } = await compileProject(tool, project, {
      plugins,
      mode,
      ...keepModules(tool, project),
    })
    expect(stats.errors).toEqual([])
    return follow(exports.cat)
  }

  test.for(['production', 'development'] as const)(
    '%s: survives the loss of the pictures and sees a new photograph',
    async mode => {
      const project = await createProject({
        'src/main.js': "export { default as cat } from './cat.jpg?nobg'",
        'package.json': '{}',
      })
      const first = await build(project, mode)
      expect(await expectCutout(first)).toMatchObject({ width: 240 })
      await rm(project.path('node_modules/.cache/nobg'), { recursive: true })
      await rm(project.path('dist'), { recursive: true })
      expect(await build(project, mode)).toEqual(first)
      await project.photo('astronaut.jpg', 'src/cat.jpg')
      expect(await expectCutout(await build(project, mode))).toMatchObject({ width: 200 })
    },
  )
})
