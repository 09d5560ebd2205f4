import { rm } from 'node:fs/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { expectCutout } from '../support/picture.ts'
import { createProject, type Project } from '../support/project.ts'
import { until } from '../support/serve.ts'
import { openCompiler, readCompiled, type Tool, tools } from './build.ts'

/** Watches a project. @returns the number of errors of each compilation so far. */
function watchProject(tool: Tool, project: Project, mode: 'development' | 'production'): number[] {
  const errors: number[] = []
  const compiler = openCompiler(tool, project, { mode })
  const watching = compiler.watch({ poll: 50, aggregateTimeout: 20 }, (_error, stats) => {
    errors.push(stats?.compilation.errors.length ?? -1)
  })
  onTestFinished(() => new Promise<void>(resolve => watching?.close(() => resolve())))
  return errors
}

describe.for(Object.keys(tools) as Tool[])('%s', tool => {
  test.for(['development', 'production'] as const)(
    '%s: a changed photograph changes the output',
    async mode => {
      const project = await createProject({
        'src/main.js': "export { default as cat } from './cat.jpg?nobg'",
      })
      const errors = watchProject(tool, project, mode)
      await until(() => errors.length === 1)
      const before = (await readCompiled(project)).exports.cat
      const compilations = errors.length
      await project.photo('astronaut.jpg', 'src/cat.jpg')
      // The compiler writes its files in parallel: all are complete when the build is done.
      await until(
        async () =>
          errors.length > compilations &&
          ![before, undefined].includes((await readCompiled(project)).exports.cat),
      )
      const { exports, follow } = await readCompiled(project)
      expect(await expectCutout(await follow(exports.cat))).toMatchObject({ width: 200 })
      expect(errors.every(count => count === 0)).toBe(true)
    },
  )

  test.for([
    ['is deleted', project => rm(project.path('src/cat.jpg'))],
    ['is damaged', project => project.write('src/cat.jpg', 'no image')],
  ] as [string, (project: Project) => Promise<void>][])(
    'a photograph that %s is an error until it is restored',
    async ([, spoil]) => {
      const project = await createProject({
        'src/main.js': "export { default as cat } from './cat.jpg?nobg'",
      })
      const errors = watchProject(tool, project, 'development')
      await until(() => errors.at(-1) === 0)
      await spoil(project)
      await until(() => errors.at(-1) === 1)
      await project.photo('astronaut.jpg', 'src/cat.jpg')
      await until(() => errors.at(-1) === 0)
    },
  )

  test.for([
    ['missing', undefined],
    ['damaged', 'no image'],
  ])('a photograph that is %s is an error until it is fixed', async ([, content]) => {
    const project = await createProject({ 'src/main.js': "export { default as cat } from './new.jpg?nobg'" })
    if (content) await project.write('src/new.jpg', content)
    const errors = watchProject(tool, project, 'development')
    await until(() => errors.at(-1) === 1)
    await project.photo('cat.jpg', 'src/new.jpg')
    await until(() => errors.at(-1) === 0)
  })
})
