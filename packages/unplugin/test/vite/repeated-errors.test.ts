import type { Plugin } from 'vite'
import { expect, test } from 'vitest'
import { testNobg } from '../support/build.ts'
import { createProject } from '../support/project.ts'
import { serveProject, until } from '../support/serve.ts'

const importing = (words: string) => `import cat from './cat.jpg?nobg${words}'\nexport { cat }`

test('an error is shown once for all importers, environments and requests, and again when its file has changed', async () => {
  const importers = Array.from({ length: 4 }, (_, index) => `./importer-${index}.js`)
  const project = await createProject({
    'src/main.js': importers.map(file => `import '${file}'`).join('\n'),
    ...Object.fromEntries(
      importers.map((file, index) => [
        `src/${file.slice(2)}`,
        `import './app.js'\nexport const index = ${index}`,
      ]),
    ),
    'src/app.js': importing('&corp'),
  })
  let changes = 0
  // Runs after the hook of nobg.
  const watcher: Plugin = { name: 'watcher', enforce: 'post', watchChange: () => void changes++ }
  const { get, log, server } = await serveProject(project, [testNobg(), watcher])
  const count = (word: string) => log.filter(line => line.includes(`Unknown option '${word}'`)).length
  const load = async () => {
    for (const path of ['main.js', ...importers.map(file => file.slice(2)), 'app.js', 'app.js?t=1'])
      await get(`/src/${path}`)
    await server.ssrLoadModule('/src/main.js').catch(() => {})
    await server.waitForRequestsIdle()
  }
  const save = async (code: string) => {
    changes = 0
    await project.write('src/app.js', code)
    await until(() => changes > 0)
    await load()
  }
  await load()
  expect((await get('/src/app.js')).status).toBe(500)
  expect(count('corp')).toBe(1)

  await save(importing('&modle=portrait'))
  expect(count('modle')).toBe(1)
  // Saved with the same mistake.
  await save(`${importing('&modle=portrait')} `)
  expect([count('corp'), count('modle')]).toEqual([1, 2])
})
