import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer, type InlineConfig } from 'vite'
import { expect, onTestFinished, test } from 'vitest'
import { captureLogger, testNobg } from '../support/build.ts'
import { halfMatte, opaqueHalf } from '../support/matte.ts'
import { createProject, type Project } from '../support/project.ts'
import { until } from '../support/serve.ts'

/** Starts a server for browsers and a server that renders, as Nuxt does: one plugin, and an HTTP server of the host. */
async function serveAsNuxt(project: Project) {
  const log: string[] = []
  const plugins = [testNobg()]
  const start = async (server: InlineConfig['server']) => {
    const watch = { usePolling: true, interval: 100 }
    const vite = await createServer({
      root: project.root,
      base: '/_nuxt/',
      configFile: false,
      appType: 'custom',
      customLogger: captureLogger(log),
      plugins,
      server: { middlewareMode: true, watch, ...server },
    })
    onTestFinished(() => vite.close())
    return vite
  }
  const browsers = await start({ hmr: { port: 0 } })
  const rendering = await start({ hmr: false })
  const http = createHttpServer(browsers.middlewares).listen(0, '127.0.0.1')
  onTestFinished(() => void http.close())
  await new Promise(resolve => http.once('listening', resolve))
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  return { rendering, origin, log }
}

test('a picture of a rendered page is made at the request of the browser, and follows its matte', async () => {
  const project = await createProject({ 'src/main.js': "export { default as cat } from './cat.jpg?nobg'" })
  const { rendering, origin } = await serveAsNuxt(project)
  const render = async () => (await rendering.ssrLoadModule('/src/main.js')).cat as string
  const fetchPicture = async () => {
    const response = await fetch(origin + (await render()))
    return opaqueHalf(new Uint8Array(await response.arrayBuffer()))
  }
  expect(await fetchPicture()).toBe('neither')
  await project.write('src/cat.matte.png', await halfMatte('left'))
  await until(async () => (await fetchPicture()) === 'left')
})

test('the review lists what was rendered, and its address is printed once, at the first request', async () => {
  const project = await createProject({ 'src/main.js': "export { default as cat } from './cat.jpg?nobg'" })
  const { rendering, origin, log } = await serveAsNuxt(project)
  await rendering.ssrLoadModule('/src/main.js')
  const { pictures } = (await (await fetch(`${origin}/_nuxt/__nobg/api/pictures`)).json()) as {
    pictures: { path: string }[]
  }
  expect(pictures.map(({ path }) => path)).toEqual(['src/cat.jpg'])
  expect(log.filter(line => line.includes('__nobg'))).toEqual([
    `nobg: review the cutouts at ${origin}/_nuxt/__nobg/`,
  ])
})
