import { context, type Message, type Plugin } from 'esbuild'
import { expect, onTestFinished, test } from 'vitest'
import { expectCutout } from '../support/picture.ts'
import { createProject, type Project } from '../support/project.ts'
import { until } from '../support/serve.ts'
import { optionsFor, testNobg } from './build.ts'

/** Watches and serves a project. @returns the errors of each build so far, and the URL of the output. */
async function serveProject(project: Project): Promise<{ builds: Message[][]; origin: string }> {
  const builds: Message[][] = []
  const listen: Plugin = {
    name: 'listen',
    setup: ({ onEnd }) => onEnd(({ errors }) => void builds.push(errors)),
  }
  const options = optionsFor(project, { plugins: [testNobg(), listen], assetNames: 'picture' })
  const watched = await context(options)
  onTestFinished(() => watched.dispose())
  await watched.watch()
  const { port } = await watched.serve({ port: 0, host: '127.0.0.1', servedir: project.path('dist') })
  return { builds, origin: `http://127.0.0.1:${port}` }
}

test('a changed photograph changes the served file', async () => {
  const project = await createProject({ 'src/main.js': "export { default as cat } from './cat.jpg?nobg'" })
  const { origin, builds } = await serveProject(project)
  const fetchPicture = async () => Buffer.from(await (await fetch(`${origin}/picture.webp`)).arrayBuffer())
  await until(() => builds.length > 0)
  expect(await expectCutout(await fetchPicture())).toMatchObject({ width: 240 })
  await project.photo('astronaut.jpg', 'src/cat.jpg')
  await until(async () => (await expectCutout(await fetchPicture())).width === 200)
})

test.for([
  ['missing', undefined],
  ['damaged', 'no image'],
])('a photograph that is %s is an error until it is fixed', async ([, content]) => {
  const project = await createProject({ 'src/main.js': "export { default as cat } from './new.jpg?nobg'" })
  if (content) await project.write('src/new.jpg', content)
  const { builds } = await serveProject(project)
  await until(() => builds.at(-1)?.length === 1)
  await project.photo('cat.jpg', 'src/new.jpg')
  await until(() => builds.at(-1)?.length === 0)
})
