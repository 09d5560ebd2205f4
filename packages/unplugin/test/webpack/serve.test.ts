import { RspackDevServer } from '@rspack/dev-server'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Compiler } from 'webpack'
import WebpackDevServer from 'webpack-dev-server'
import { expectCutout } from '../support/picture.ts'
import { createProject } from '../support/project.ts'
import { until } from '../support/serve.ts'
import { openCompiler, type Tool, tools } from './build.ts'

const servers = { webpack: WebpackDevServer, rspack: RspackDevServer as unknown as typeof WebpackDevServer }

/** Serves a compiler's output from memory. @returns the server's origin. */
async function serve(tool: Tool, compiler: Compiler): Promise<string> {
  const options = { host: '127.0.0.1', port: 'auto', client: false, static: false, hot: true } as const
  const server = new servers[tool](options, compiler)
  await server.start()
  onTestFinished(() => server.stop())
  return `http://127.0.0.1:${server.options.port}`
}

describe.for(Object.keys(tools) as Tool[])('%s', tool => {
  test('the development server serves the cutout, and a new cutout when the photograph changes', async () => {
    const project = await createProject({ 'src/main.js': "export { default as cat } from './cat.jpg?nobg'" })
    const output = { assetModuleFilename: 'picture[ext]' }
    const watchOptions = { poll: 50, aggregateTimeout: 20 }
    const compiler = openCompiler(tool, project, { mode: 'development', target: 'web', output, watchOptions })
    const origin = await serve(tool, compiler)
    const fetchPicture = async () => Buffer.from(await (await fetch(`${origin}/picture.webp`)).arrayBuffer())
    expect(await expectCutout(await fetchPicture())).toMatchObject({ width: 240 })
    await project.photo('astronaut.jpg', 'src/cat.jpg')
    await until(async () => (await expectCutout(await fetchPicture())).width === 200)
  })
})
