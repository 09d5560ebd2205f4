import { expect, test } from 'vitest'
import { testNobg } from '../support/build.ts'
import { createProject } from '../support/project.ts'
import { listenHot, serveProject, until } from '../support/serve.ts'
import { shortenDevWait } from '../support/shorten-dev-wait.ts'

const onServer = { 'src/server.js': "import cat from './cat.jpg?nobg'\nexport const render = () => cat" }

test('a page whose pictures only the server imports is reloaded when a photograph changes', async () => {
  const project = await createProject(onServer)
  const served = await serveProject(project)
  const hot = await listenHot(served)
  const render = async () => (await served.server.ssrLoadModule('/src/server.js')).render()
  const before = await render()
  await project.photo('astronaut.jpg', 'src/cat.jpg')
  await until(() => hot.some(({ type }) => type === 'full-reload'))
  expect(await render()).not.toBe(before)
})

test('without hot updates the next page shows a changed photograph', async () => {
  const project = await createProject({ ...onServer, 'src/main.js': onServer['src/server.js'] })
  const { server, get } = await serveProject(project, testNobg(), { server: { hmr: false } })
  const read = async () => [
    (await get('/src/main.js')).text,
    (await server.ssrLoadModule('/src/server.js')).render(),
  ]
  const before = await read()
  await project.photo('astronaut.jpg', 'src/cat.jpg')
  await until(async () => (await read()).every((text, index) => text !== before[index]))
})

test('without hot updates the next page shows a slow picture when it is done', async () => {
  shortenDevWait(1)
  const project = await createProject(onServer)
  const plugin = testNobg({ cacheDir: project.path('cache') })
  const { server } = await serveProject(project, plugin, { server: { hmr: false } })
  const render = async () => (await server.ssrLoadModule('/src/server.js')).render()
  expect(await render()).toBe('/src/cat.jpg')
  await until(async () => /\/cat\.webp/.test(await render()))
})

test.for(['missing', 'damaged'])(
  'the error of a %s photograph outside the root ends when the file is fixed',
  async kind => {
    const project = await createProject({ 'app/main.js': "export { default } from '../photos/a.jpg?nobg'" })
    if (kind === 'damaged') await project.write('photos/a.jpg', 'no image')
    const { get } = await serveProject(project, testNobg(), {
      root: project.path('app'),
      server: { fs: { allow: [project.root] } },
    })
    expect((await get('/main.js')).status).toBe(500)
    await project.photo('cat.jpg', 'photos/a.jpg')
    await until(async () => (await get('/main.js')).status === 200)
  },
)
