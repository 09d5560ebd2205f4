import { readFile } from 'node:fs/promises'
import { watch as watchRolldown } from 'rolldown'
import { type RollupWatcherEvent, watch as watchRollup } from 'rollup'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createProject, type Project } from '../support/project.ts'
import { until } from '../support/serve.ts'
import { type Tool, testNobg } from './build.ts'

const watchers = { rollup: watchRollup, rolldown: watchRolldown as unknown as typeof watchRollup }

/** Watches `src/main.js`. @returns how often a build ended, well or not. */
function watchProject(tool: Tool, project: Project): { ends: number; errors: number } {
  const counts = { ends: 0, errors: 0 }
  const watcher = watchers[tool]({
    input: project.path('src/main.js'),
    plugins: testNobg(tool),
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
  return counts
}

describe.for(['rollup', 'rolldown'] as const)('%s', tool => {
  test('a changed photograph changes the output', async () => {
    const project = await createProject({ 'src/main.js': "export { default as cat } from './cat.jpg?nobg'" })
    const counts = watchProject(tool, project)
    await until(() => counts.ends === 1)
    const before = await readFile(project.path('dist/picture.webp'))
    await project.photo('astronaut.jpg', 'src/cat.jpg')
    await until(async () => !(await readFile(project.path('dist/picture.webp'))).equals(before))
    expect(counts.errors).toBe(0)
  })

  test('a damaged photograph is an error until the photograph is fixed', async () => {
    const project = await createProject({
      'src/main.js': "export { default as cat } from './bad.jpg?nobg'",
      'src/bad.jpg': 'no image',
    })
    const counts = watchProject(tool, project)
    await until(() => counts.errors === 1)
    await project.photo('cat.jpg', 'src/bad.jpg')
    await until(() => counts.ends === 1)
  })
})
