import { readFile, rm } from 'node:fs/promises'
import { watch as watchRolldown } from 'rolldown'
import { type RollupWatcherEvent, watch as watchRollup } from 'rollup'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Options } from '../../src/rollup.ts'
import { halfMatte, listKept, opaqueHalf } from '../support/matte.ts'
import { createProject, type Project } from '../support/project.ts'
import { until } from '../support/serve.ts'
import { buildProject, type Tool, testNobg } from './build.ts'

const main = "export { default as cat } from './cat.jpg?nobg'"

const watchers = { rollup: watchRollup, rolldown: watchRolldown as unknown as typeof watchRollup }

/** Watches a project until the end of the test. @returns the number of builds and errors so far, and the picture's half. */
function watchProject(tool: Tool, project: Project, options: Options = {}) {
  const counts = { ends: 0, errors: 0 }
  const watcher = watchers[tool]({
    input: project.path('src/main.js'),
    plugins: testNobg(tool, { root: project.root, cacheDir: project.path('cache'), ...options }),
    onLog() {},
    output: { dir: project.path('dist'), entryFileNames: 'main.js', assetFileNames: 'picture[extname]' },
    watch: { chokidar: { usePolling: true, interval: 100 } },
  })
  onTestFinished(() => watcher.close())
  watcher.on('event', (event: RollupWatcherEvent) => {
    if ('result' in event) void event.result?.close()
    if (event.code === 'ERROR') counts.errors++
    if (event.code === 'BUNDLE_END') counts.ends++
  })
  const half = async () => opaqueHalf(await readFile(project.path('dist/picture.webp')))
  return { counts, half }
}

beforeEach(() => {
  vi.stubEnv('NOBG_FROZEN', '0')
  return () => vi.unstubAllEnvs()
})

describe.for(['rollup', 'rolldown'] as const)('%s', tool => {
  test('a matte that is created, changed and removed changes the output of a build that watches', async () => {
    const project = await createProject({ 'src/main.js': main })
    const { counts, half } = watchProject(tool, project)
    await until(() => counts.ends === 1)
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
    const { counts, half } = watchProject(tool, project, { mattes: 'mattes' })
    await until(() => counts.ends === 1)
    const [file] = await listKept(project)
    await project.write(file, await halfMatte('right'))
    await until(async () => (await half()) === 'right')
  })

  test('a kept matte that is empty for a moment is read again', async () => {
    const project = await createProject({ 'src/main.js': main })
    const { counts, half } = watchProject(tool, project, { mattes: 'mattes' })
    await until(() => counts.ends === 1)
    const [file] = await listKept(project)
    await project.write(file, '')
    await until(() => counts.errors > 0)
    await project.write(file, await halfMatte('right'))
    await until(async () => (await half()) === 'right')
  })

  test('a wrong matte is an error until it is fixed', async () => {
    const project = await createProject({ 'src/main.js': main, 'src/cat.matte.png': 'no image' })
    const { counts, half } = watchProject(tool, project)
    await until(() => counts.errors === 1)
    await project.write('src/cat.matte.png', await halfMatte('left'))
    await until(async () => (await half()) === 'left')
  })

  test('a query names a matte relative to the importer, and false ignores mattes', async () => {
    const named = "export { default as cat } from './photos/cat.jpg?nobg&matte=../mine/right.png'"
    const project = await createProject({ 'src/app/main.js': '' })
    await project.photo('cat.jpg', 'src/photos/cat.jpg')
    await project.write('src/photos/cat.matte.png', await halfMatte('left'))
    await project.write('mine/right.png', await halfMatte('right'))
    await project.write('src/main.js', named)
    const plugins = testNobg(tool)
    expect(await opaqueHalf((await buildProject(tool, project, plugins)).picture)).toBe('right')
    await project.write('src/main.js', named.replace('../mine/right.png', 'false'))
    expect(await opaqueHalf((await buildProject(tool, project, plugins)).picture)).toBe('neither')
    await project.write('src/main.js', named.replace('../mine/right.png', './none.png'))
    const error = await buildProject(tool, project, plugins).catch(error => error)
    expect(error.message).toContain(project.path('src/none.png'))
    expect(error.message).toContain(project.path('src/photos/cat.jpg'))
  })

  test('a frozen build lists all missing mattes in one error', async () => {
    const project = await createProject({
      'src/main.js': `${main}\nexport { default as b } from './b.jpg?nobg'\nexport { c } from './c.js'`,
      'src/c.js': "export { default as c } from './cat.jpg?nobg&operatingResolution=320&crop'",
    })
    await project.photo('astronaut.jpg', 'src/b.jpg')
    const options = { root: project.root, mattes: 'mattes', frozen: true }
    const error = await buildProject(tool, project, testNobg(tool, options)).catch(error => error)
    for (const part of [
      'kept mattes of 2 pictures',
      `${project.path('src/cat.jpg')} (model u2netp, 320 px)`,
      `${project.path('src/b.jpg')} (model u2netp, 320 px)`,
      'NOBG_FROZEN=0',
      project.path('mattes'),
    ])
      expect(error.message).toContain(part)
  })
})
