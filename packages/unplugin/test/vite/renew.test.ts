import { expect, test } from 'vitest'
import { testNobg } from '../support/build.ts'
import { expectCutout } from '../support/picture.ts'
import { createProject } from '../support/project.ts'
import { listenHot, serveProject, until } from '../support/serve.ts'

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

test('the error of a missing photograph outside the root ends when the file is added', async () => {
  const project = await createProject({ 'app/main.js': "export { default } from '../photos/a.jpg?nobg'" })
  const { get } = await serveProject(project, testNobg(), {
    root: project.path('app'),
    server: { fs: { allow: [project.root] } },
  })
  expect((await get('/main.js')).status).toBe(500)
  await project.photo('cat.jpg', 'photos/a.jpg')
  await until(async () => (await get('/main.js')).status === 200)
})

test('the error of a damaged photograph outside the root ends when the file is fixed', async () => {
  const project = await createProject({ 'app/main.js': "export { default } from '../photos/a.jpg?nobg'" })
  await project.write('photos/a.jpg', 'no image')
  const served = await serveProject(project, testNobg({ dev: 'wait' }), {
    root: project.path('app'),
    server: { fs: { allow: [project.root] } },
  })
  const picture = async () => (await served.server.ssrLoadModule('/main.js')).default
  const hot = await listenHot(served)
  const damaged = await picture()
  expect((await served.get(damaged)).status).toBe(500)
  await until(() => hot.some(({ type }) => type === 'error'))
  await project.photo('cat.jpg', 'photos/a.jpg')
  await until(async () => (await picture()) !== damaged)
  await expectCutout((await served.get(await picture())).bytes)
})
