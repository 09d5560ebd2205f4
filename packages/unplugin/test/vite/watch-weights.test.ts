import { readdir } from 'node:fs/promises'
import { build, type Rolldown } from 'vite'
import { expect, onTestFinished, test } from 'vitest'
import { testNobg } from '../support/build.ts'
import { optionsOf, putWeights, shrinkPortrait } from '../support/portrait.ts'
import { createProject, type Project } from '../support/project.ts'
import { until } from '../support/serve.ts'

shrinkPortrait()

const image = "export { default as cat } from './cat.jpg?nobg=portrait'"

/** Watches a project. @returns how each build ended: with its error, or `built`. */
async function watchProject(project: Project): Promise<string[]> {
  const ends: string[] = []
  const watcher = (await build({
    root: project.root,
    configFile: false,
    logLevel: 'silent',
    plugins: [testNobg(optionsOf(project))],
    build: {
      watch: {},
      assetsInlineLimit: 0,
      rolldownOptions: { input: project.path('src/main.js'), preserveEntrySignatures: 'strict' },
    },
  })) as Rolldown.RolldownWatcher
  onTestFinished(() => watcher.close())
  watcher.on('event', event => {
    if (event.code === 'ERROR') ends.push(event.error.message)
    if (event.code === 'BUNDLE_END') ends.push('built')
  })
  return ends
}

test.for([
  ['alone', image, /weights of portrait/],
  ['beside an error of another module', `import './broken.js'\n${image}`, /broken/],
] as const)(
  'a build that watches reports missing weights, %s, only until they are there',
  async ([, code, reason]) => {
    const project = await createProject({ 'src/main.js': code, 'src/broken.js': 'import "./no.js"' })
    const ends = await watchProject(project)
    await until(() => ends.length === 1)
    expect(ends[0]).toMatch(reason)
    await putWeights(project)
    await project.write('src/broken.js', '')
    await project.write('src/main.js', `${code}\nexport const two = 2`)
    await until(() => ends.length > 1)
    expect(ends[1]).toBe('built')
    // Both files changed: a second build may empty the folder at this moment.
    await until(async () =>
      (await readdir(project.path('dist/assets'))).some(name => /^cat-.*\.webp$/.test(name)),
    )
  },
)
