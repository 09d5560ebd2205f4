import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createFalClient, type FalClient } from '@fal-ai/client'
import { execa } from 'execa'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createFetch } from '../../src/client/create-fetch.ts'
import { openServer, type TestServer } from '../support/open-server.ts'

const coffee = join(import.meta.dirname, '../../../../examples/vite/src/photos/coffee.png')
const credentials = 'id:secret'

let it: TestServer
let photo: Blob

beforeAll(async () => {
  it = await openServer()
  photo = new Blob([
    new Uint8Array(
      await sharp(await readFile(coffee))
        .resize(120)
        .png()
        .toBuffer(),
    ),
  ])
})

afterAll(() => it[Symbol.asyncDispose]())

const ways: [string, () => FalClient][] = [
  [
    'proxyUrl',
    () => createFalClient({ credentials, proxyUrl: { url: `${it.url}/api/fal/proxy`, when: 'always' } }),
  ],
  ['fetch', () => createFalClient({ credentials, fetch: createFetch(it.url) })],
]

describe.each(ways)('%s', (_, createClient) => {
  test('runs and uploads', async () => {
    const { data } = await createClient().subscribe('fal-ai/birefnet', {
      input: { image_url: photo as never },
    })
    expect(data).toMatchObject({ image: { url: expect.stringContaining(it.url), width: 120, height: 80 } })
  })
})

describe('a stream of connectionMode "client", which sends a token instead of the key', () => {
  const streamOf = async (fal: FalClient) => {
    const { request_id } = await fal.queue.submit('fal-ai/birefnet', { input: { image_url: photo as never } })
    return fal.queue.streamStatus('fal-ai/birefnet', { requestId: request_id, connectionMode: 'client' })
  }

  test('reaches the server by fetch', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue()
    const addresses: string[] = []
    const fetchHere = createFetch(it.url, (input, init) => {
      addresses.push(String(input))
      return fetch(input, init)
    })
    const stream = await streamOf(createFalClient({ credentials, fetch: fetchHere }))
    expect(await stream.done()).toMatchObject({ status: 'COMPLETED' })
    expect(addresses.at(-1)).toContain('/status/stream?logs=0&fal_jwt_token=')
    warn.mockRestore()
  })

  test('a token is valid only for streams, unchanged, and until it expires', async () => {
    const headers = { authorization: `Key ${credentials}` }
    const rest = `${it.url}/rest.fal.ai/tokens/`
    const issue = async (life: number) => {
      const body = JSON.stringify({ token_expiration: life })
      return (await (await fetch(rest, { method: 'POST', headers, body })).json()) as string
    }
    const { request_id } = await it.fal.queue.submit('fal-ai/birefnet', {
      input: { image_url: photo as never },
    })
    const request = `${it.url}/queue.fal.run/fal-ai/birefnet/requests/${request_id}`
    const statusOf = async (path: string, token: string, method = 'GET') => {
      const response = await fetch(`${request}${path}?fal_jwt_token=${token}`, { method })
      await response.body?.cancel()
      return response.status
    }
    const token = await issue(60)
    const [expiresAt, signature] = token.split('.')
    expect(await statusOf('/status/stream', token)).toBe(200)
    expect(await statusOf('/status', token)).toBe(401)
    expect(await statusOf('', token)).toBe(401)
    expect(await statusOf('/cancel', token, 'PUT')).toBe(401)
    expect(await statusOf('/status/stream', `${Number(expiresAt) + 1}.${signature}`)).toBe(401)
    const short = await issue(0.001)
    while (Date.now() <= Number(short.split('.')[0])) await delay(1)
    expect(await statusOf('/status/stream', short)).toBe(401)
    expect((await fetch(rest, { method: 'POST' })).status).toBe(401)
  })
})

test('preload: a program for the hosted endpoint runs unchanged', async () => {
  const words = ['--import', '@nobg/server/fal', join(import.meta.dirname, '../fixtures/hosted-app.js')]
  const image = `data:image/png;base64,${Buffer.from(await photo.arrayBuffer()).toString('base64')}`
  const { stdout } = await execa(process.execPath, [...words, image], {
    cwd: import.meta.dirname,
    env: { FAL_KEY: credentials, NOBG_SERVER_URL: it.url },
  })
  expect(JSON.parse(stdout)).toMatchObject({ url: expect.stringContaining(it.url), width: 120, height: 80 })
})

test.each(['axios', 'axios-fetch', 'https.request', 'https.get', 'https by URL'])(
  'preload: a program that calls fal by %s reaches the server',
  async way => {
    const words = [
      '--import',
      '@nobg/server/fal',
      join(import.meta.dirname, '../fixtures/hosted-calls.js'),
      way,
    ]
    const image = `data:image/png;base64,${Buffer.from(await photo.arrayBuffer()).toString('base64')}`
    const env = { FAL_KEY: credentials, NOBG_SERVER_URL: it.url, HTTPS_PROXY: '', https_proxy: '' }
    const { stdout } = await execa(process.execPath, [...words, image], { cwd: import.meta.dirname, env })
    const expected =
      way === 'https.get'
        ? { status: 404, body: { detail: expect.stringContaining('no request of this id') } }
        : { status: 200, body: { image: { url: expect.stringContaining(it.url), width: 120 } } }
    expect(JSON.parse(stdout)).toMatchObject(expected)
  },
)

test.each([
  'undici',
  "undici's fetch",
  'an agent of undici',
  'a proxy',
  'HTTP/2',
  'another spelling of the host',
])('preload: a program that calls fal by %s is refused, and nothing is sent to fal', async way => {
  const file = join(import.meta.dirname, '../fixtures/hosted-calls.js')
  const { stdout } = await execa(process.execPath, ['--import', '@nobg/server/fal', file, way], {
    cwd: import.meta.dirname,
    env: { FAL_KEY: credentials, NOBG_SERVER_URL: it.url, HTTPS_PROXY: '', https_proxy: '' },
  })
  expect(JSON.parse(stdout)).toContain('refuses it. Expected a request by fetch or node:https')
})

test('preload: other hosts are called as before', async () => {
  const words = [
    '--import',
    '@nobg/server/fal',
    join(import.meta.dirname, '../fixtures/hosted-calls.js'),
    'other',
  ]
  const { stdout } = await execa(process.execPath, words, {
    cwd: import.meta.dirname,
    env: { NOBG_SERVER_URL: it.url },
  })
  // Nothing listens at this port.
  expect(JSON.parse(stdout)).toEqual({ code: 'ECONNREFUSED', port: 1 })
})

test('preload: loads no other module', async () => {
  const read = (file: string) => readFile(join(import.meta.dirname, '../../src/client', file), 'utf8')
  const importsOf = (text: string) => [...text.matchAll(/^import .*'(.+)'$/gm)].map(([, from]) => from)
  const own = ['./create-fetch.ts', './redirect-https.ts', './refuse-tls.ts']
  expect(importsOf(await read('preload.ts'))).toEqual(own)
  for (const file of own)
    for (const from of importsOf(await read(file))) expect(from).toMatch(/^(node:|\.\/create-fetch\.ts$)/)
})
