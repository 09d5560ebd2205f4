import { existsSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import nextNobg from '../../src/next.ts'
import * as esbuild from '../esbuild/build.ts'
import * as rollup from '../rollup/build.ts'
import * as vite from '../support/build.ts'
import { createProject, type Project } from '../support/project.ts'
import { serveProject, until } from '../support/serve.ts'
import * as webpack from '../webpack/build.ts'

const files = {
  'tsconfig.json': '{ "files": [], "references": [{ "path": "./tsconfig.app.json" }] }',
  'tsconfig.app.json': '{ "include": ["src"], "compilerOptions": { "allowJs": true } }',
  'src/main.js': "export { default as cat } from './cat.jpg?nobg&threshold=0.5'",
}
const options = { dts: true }

/** Makes a project in the working directory, because Rollup, Rolldown and Next.js know no other root. */
async function enterProject(): Promise<Project> {
  const project = await createProject(files)
  const cwd = process.cwd()
  process.chdir(project.root)
  onTestFinished(() => process.chdir(cwd))
  return project
}

test.for<[host: string, build: (project: Project) => unknown]>([
  ['Vite', project => vite.buildProject(project, { plugins: [vite.testNobg(options)] })],
  ['Rollup', project => rollup.buildProject('rollup', project, rollup.testNobg('rollup', options))],
  ['Rolldown', project => rollup.buildProject('rolldown', project, rollup.testNobg('rolldown', options))],
  [
    'webpack',
    project =>
      webpack.compileProject('webpack', project, { plugins: [webpack.testNobg('webpack', options)] }),
  ],
  [
    'Rspack',
    project => webpack.compileProject('rspack', project, { plugins: [webpack.testNobg('rspack', options)] }),
  ],
  ['esbuild', project => esbuild.buildProject(project, { plugins: [esbuild.testNobg(options)] })],
])('a build of %s declares the marked imports', async ([, build]) => {
  const project = await enterProject()
  await build(project)
  expect(String(await project.read('src/nobg-env.d.ts'))).toContain('declare module "*?nobg&threshold=0.5" {')
})

test('the configuration of Next.js declares the marked imports, except for a tool that loads it in another folder', async () => {
  const other = await enterProject()
  nextNobg({ ...options, enabled: true })
  const project = await enterProject()
  await project.write('next.config.mjs', '')
  nextNobg({ ...options, enabled: true })
  await until(async () =>
    String(await project.read('src/nobg-env.d.ts')).includes('declare module "*?nobg&threshold=0.5" {'),
  )
  expect(existsSync(other.path('src/nobg-env.d.ts'))).toBe(false)
})

test('the server of Vite declares a new import when a page requests it', async () => {
  const project = await createProject({ ...files, 'src/late.js': '' })
  const { get } = await serveProject(project, vite.testNobg(options))
  const read = async () => String(await project.read('src/nobg-env.d.ts'))
  await until(async () => (await read()).includes('"*?nobg&threshold=0.5"'))
  await project.write('src/late.js', "export { default } from './cat.jpg?nobg&crop=7'")
  // The server may have read the empty module.
  await until(async () => (await get('/src/late.js?t=1')).text.includes('default'))
  await until(async () => (await read()).includes('"*?nobg&crop=7"'))
})
