import { once } from 'node:events'
import {
  createServer,
  type HotPayload,
  type InlineConfig,
  mergeConfig,
  type PluginOption,
  type ViteDevServer,
} from 'vite'
import { onTestFinished } from 'vitest'
import { captureLogger, testNobg } from './build.ts'
import type { Project } from './project.ts'

/** A development server and its terminal output. */
export interface Served {
  server: ViteDevServer
  origin: string
  log: string[]
  /** The response to a browser's request for a module or a page. */
  get(path: string): Promise<{ status: number; text: string; bytes: Buffer; type: string }>
}

/** Serves a project until the end of the test. */
export async function serveProject(
  project: Project,
  plugin: PluginOption = testNobg(),
  config: InlineConfig = {},
): Promise<Served> {
  const log: string[] = []
  const base: InlineConfig = {
    root: project.root,
    configFile: false,
    customLogger: captureLogger(log),
    plugins: [plugin],
    // Vite's watcher drops a change of a file within 50 ms after the last one, so the interval is longer.
    server: { port: 0, host: '127.0.0.1', watch: { usePolling: true, interval: 100 } },
  }
  const server = await createServer(mergeConfig(base, config))
  onTestFinished(() => server.close())
  await server.listen()
  const origin = new URL(server.resolvedUrls?.local[0] ?? '').origin
  return { server, origin, log, get: path => get(origin + path) }
}

async function get(url: string): ReturnType<Served['get']> {
  const accept = /\.html$|\/$/.test(url) ? 'text/html' : '*/*'
  const response = await fetch(url, { headers: { accept } })
  const bytes = Buffer.from(await response.arrayBuffer())
  return {
    status: response.status,
    text: String(bytes),
    bytes,
    type: response.headers.get('content-type') ?? '',
  }
}

/** Everything that the server sends over a browser's socket from now on. */
export async function listenHot({ server, origin }: Served): Promise<HotPayload[]> {
  const payloads: HotPayload[] = []
  const url = `${origin.replace('http', 'ws')}${server.config.base}?token=${server.config.webSocketToken}`
  const socket = new WebSocket(url, 'vite-hmr')
  socket.addEventListener('message', ({ data }) => payloads.push(JSON.parse(data)))
  onTestFinished(() => socket.close())
  await once(socket, 'open')
  return payloads
}

/** Waits until `check` is true. An exception, as while a page reloads, counts as false. */
export async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  const ask = async () => check()
  while (!(await ask().catch(() => false))) await new Promise(resolve => setTimeout(resolve, 20))
}
