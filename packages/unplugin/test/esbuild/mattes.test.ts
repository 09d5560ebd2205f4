import { rm } from 'node:fs/promises'
import { context, type Message, type Plugin } from 'esbuild'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import type { Options } from '../../src/esbuild.ts'
import { halfMatte, listKept, opaqueHalf } from '../support/matte.ts'
import { createProject, type Project } from '../support/project.ts'
import { until } from '../support/serve.ts'
import { buildProject, failBuild, optionsFor, testNobg } from './build.ts'

const main = "export { default as cat } from './cat.jpg?nobg'"

beforeEach(() => {
  vi.stubEnv('NOBG_FROZEN', '0')
  return () => vi.unstubAllEnvs()
})

/** Watches a project until the end of the test. @returns the errors of each build so far, and the picture's half. */
async function watchProject(project: Project, options: Options = {}) {
  const builds: Message[][] = []
  const listen: Plugin = {
    name: 'listen',
    setup: ({ onEnd }) => onEnd(({ errors }) => void builds.push(errors)),
  }
  const plugins = [testNobg({ cacheDir: project.path('cache'), ...options }), listen]
  const watched = await context(optionsFor(project, { plugins, assetNames: 'picture' }))
  onTestFinished(() => watched.dispose())
  await watched.watch()
  const half = async () => opaqueHalf(await project.read('dist/picture.webp'))
  return { builds, half }
}

test('a matte that is created, changed and removed changes the output of a build that watches', async () => {
  const project = await createProject({ 'src/main.js': main })
  const { builds, half } = await watchProject(project)
  await until(() => builds.length > 0)
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
  const { builds, half } = await watchProject(project, { mattes: 'mattes' })
  await until(() => builds.length > 0)
  const [file] = await listKept(project)
  await project.write(file, await halfMatte('right'))
  await until(async () => (await half()) === 'right')
})

test('a kept matte that is empty for a moment is read again', async () => {
  const project = await createProject({ 'src/main.js': main })
  const { builds, half } = await watchProject(project, { mattes: 'mattes' })
  await until(() => builds.length > 0)
  const [file] = await listKept(project)
  await project.write(file, '')
  await until(() => builds.at(-1)?.length === 1)
  await project.write(file, await halfMatte('right'))
  await until(async () => (await half()) === 'right')
})

test('a wrong matte is an error until it is fixed', async () => {
  const project = await createProject({ 'src/main.js': main, 'src/cat.matte.png': 'no image' })
  const { builds } = await watchProject(project)
  await until(() => builds.at(-1)?.length === 1)
  await project.write('src/cat.matte.png', await halfMatte('left'))
  await until(() => builds.at(-1)?.length === 0)
})

test('a query names a matte relative to the importer, also in a style sheet', async () => {
  const project = await createProject({
    'src/main.js': `${main}&matte=../mine/right.png'\nimport './main.css'`.replace("'&", '&'),
    'src/main.css': 'a { background: url(./cat.jpg?nobg&matte=../mine/right.png) }',
  })
  await project.write('mine/right.png', await halfMatte('right'))
  const { exports, follow, names } = await buildProject(project)
  expect(await opaqueHalf(await follow(exports.cat))).toBe('right')
  expect(names.filter(name => name.endsWith('.webp'))).toHaveLength(1)
})

test('a frozen build reports each missing matte with its location and the command', async () => {
  const project = await createProject({
    'src/main.js': `${main}\nexport { default as b } from './b.jpg?nobg'`,
  })
  await project.photo('astronaut.jpg', 'src/b.jpg')
  const errors = await failBuild(project, { plugins: [testNobg({ mattes: 'mattes', frozen: true })] })
  expect(errors.map(({ location }) => location?.line).sort()).toEqual([1, 2])
  for (const { text } of errors) {
    expect(text).toContain('NOBG_FROZEN=0')
    expect(text).toContain(project.path('mattes'))
  }
})
