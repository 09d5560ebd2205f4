import { mkdtemp, rm } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFalClient } from '@fal-ai/client'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFetch } from '../src/client/create-fetch.ts'
import { createServer, type NobgServer, type ServerConfig } from '../src/index.ts'
import { drawCup } from './support/pictures.ts'

let dir: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-embedding-'))
})

afterAll(() => rm(dir, { recursive: true }))

const logged: unknown[] = []

let servers = 0
const open = (config: ServerConfig) =>
  createServer({
    keys: ['key'],
    dataDir: join(dir, String(servers++)),
    engine: { substitute: 'u2netp', cacheDir: join(dir, 'cache'), download: false },
    logger: { info() {}, warn() {}, error: details => logged.push(details) },
    ...config,
  })

type FetchHandler = (request: Request) => Response | Promise<Response>

/** Embeds a server in an app. */
const homes: [string, string, (server: NobgServer) => FetchHandler][] = [
  ['fetch', 'http://app.test', ({ fetch }) => fetch],
  [
    'an app of Hono, at its root, after its own paths',
    'http://app.test',
    ({ app }) => {
      const host = new Hono().get('/own', context => context.text('own')).route('/', app)
      return request => host.fetch(request)
    },
  ],
  [
    'an app of Hono, below a path',
    'http://app.test/nobg',
    ({ fetch }) => {
      const host = new Hono().mount('/nobg', fetch).get('/own', context => context.text('own'))
      return request => host.fetch(request)
    },
  ],
]

test.each(homes)(
  '%s: uploads, runs, and answers with addresses of publicUrl',
  async (name, publicUrl, embed) => {
    await using server = await open({ publicUrl })
    const answer = embed(server)
    const ask: typeof fetch = async (input, init) => answer(new Request(input, init))
    const fal = createFalClient({ credentials: 'key', fetch: createFetch(publicUrl, ask) })
    // The upload's address begins with publicUrl, which only the app can route.
    const image_url = await fal.storage.upload(new Blob([new Uint8Array(await drawCup())]))
    expect(image_url).toMatch(new RegExp(`^${publicUrl}/files/`))
    const { data } = await fal.subscribe('fal-ai/birefnet', { input: { image_url }, pollInterval: 10 })
    const { url } = (data as { image: { url: string } }).image
    expect(url).toMatch(new RegExp(`^${publicUrl}/files/`))
    expect((await ask(url)).status).toBe(200)
    if (name === 'fetch') return
    const own = await ask('http://app.test/own', { headers: { origin: 'http://elsewhere.test' } })
    expect([await own.text(), own.headers.get('access-control-allow-origin')]).toEqual(['own', null])
  },
)

test('a server of node:http', async () => {
  const http = createHttpServer().listen(0, '127.0.0.1')
  await new Promise(resolve => http.once('listening', resolve))
  const publicUrl = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  await using server = await open({ publicUrl: `${publicUrl}/` })
  http.on('request', getRequestListener(server.fetch, { overrideGlobalObjects: false }))
  const fal = createFalClient({
    credentials: 'key',
    proxyUrl: { url: `${publicUrl}/api/fal/proxy`, when: 'always' },
  })
  const { data } = await fal.run('fal-ai/birefnet', {
    input: { image_url: new Blob([new Uint8Array(await drawCup())]) as never },
  })
  const { url } = (data as { image: { url: string } }).image
  expect(url).toMatch(new RegExp(`^${publicUrl}/files/`))
  expect((await fetch(url)).status).toBe(200)
  http.close()
  http.closeAllConnections()
})

test('without publicUrl a call fails at once and names the option', async () => {
  await using server = await open({})
  const response = await server.fetch(
    new Request('http://app.test/queue.fal.run/fal-ai/birefnet', {
      method: 'POST',
      body: '{}',
      headers: { authorization: 'Key key' },
    }),
  )
  expect(response.status).toBe(500)
  expect(logged).toEqual([{ error: expect.objectContaining({ code: 'INVALID_OPTION' }) }])
  await expect(open({ publicUrl: 'app.test' })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
})

test.each([
  [
    { publicURL: 'http://app.test' },
    "Unknown field of ServerConfig 'publicURL'.",
    "Did you mean 'publicUrl'?",
  ],
  [
    { maxWaiting: 0 },
    'maxWaiting: expected a whole number of at least 1.',
    'Correct this field. The README of @nobg/server describes the fields of ServerConfig.',
  ],
  [
    { redis: 'http://me:secret@host' },
    'redis: expected redis://host:port.',
    'Correct this field. The README of @nobg/server describes the fields of ServerConfig.',
  ],
])('the config %j is refused', async (config, message, hint) => {
  await expect(open(config as object)).rejects.toMatchObject({ code: 'INVALID_OPTION', message, hint })
})

test('after a failed opening the folder is free again', async () => {
  const dataDir = join(dir, 'contested')
  await expect(open({ dataDir, preload: ['no-such-model'] })).rejects.toMatchObject({ code: 'UNKNOWN_MODEL' })
  await using server = await open({ dataDir })
  await expect(open({ dataDir })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  await server.close()
  await (await open({ dataDir })).close()
})
