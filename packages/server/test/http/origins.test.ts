import { request } from 'node:http'
import { json } from 'node:stream/consumers'
import { serve } from '@hono/node-server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ServerConfig } from '../../src/index.ts'
import { openServer, type TestServer } from '../support/open-server.ts'

const friend = 'https://friend.example'

const servers: TestServer[] = []
const listeners: ReturnType<typeof serve>[] = []
let keyless: string
let keyed: string
let strict: string

/** @returns the address that it listens at, which differs from its publicUrl */
async function open(config: ServerConfig): Promise<string> {
  const it = await openServer(config)
  servers.push(it)
  return new Promise(resolve => {
    const listener = serve({ fetch: it.server.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
      resolve(`http://127.0.0.1:${port}`),
    )
    listeners.push(listener)
  })
}

beforeAll(async () => {
  keyless = await open({
    keys: [],
    allowOrigins: [friend],
    publicUrl: 'https://nobg.example/cut',
  })
  keyed = await open({})
  strict = await open({ allowOrigins: [friend] })
})

afterAll(async () => {
  for (const listener of listeners) listener.close()
  for (const it of servers) await it[Symbol.asyncDispose]()
})

/** A call with the headers of a browser; `fetch` does not allow setting `Host`. */
function post(port: string, headers: Record<string, string>, method = 'POST'): Promise<[number, unknown]> {
  const path = '/queue.fal.run/fal-ai/birefnet'
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port, path, method, headers }, async answer =>
      resolve([answer.statusCode ?? 0, await json(answer).catch(() => undefined)]),
    )
    call.once('error', reject).end(method === 'POST' ? '{}' : undefined)
  })
}

const at = 'http://127.0.0.1:PORT'

test.each([
  ['another site', 'https://evil.example', '127.0.0.1:PORT'],
  ['another site of an unencrypted page', 'http://evil.example', '127.0.0.1:PORT'],
  ['another port of this machine', 'http://127.0.0.1:1', '127.0.0.1:PORT'],
  ['no site: a sandbox, a file', 'null', '127.0.0.1:PORT'],
  ['a name that was resolved to here', 'http://evil.example:PORT', 'evil.example:PORT'],
  ['a name like a friend', 'https://friend.example.evil.example', '127.0.0.1:PORT'],
  ['a friend without TLS', 'http://friend.example', '127.0.0.1:PORT'],
  ['nonsense', '///', '127.0.0.1:PORT'],
])('without keys, a simple post of %s is refused', async (_, origin, host) => {
  const { port } = new URL(keyless)
  const headers = { origin: origin.replace('PORT', port), host: host.replace('PORT', port) }
  expect(await post(port, { ...headers, 'content-type': 'text/plain' })).toEqual([
    403,
    { detail: expect.stringContaining('allowOrigins') },
  ])
})

test.each([
  ['of the page at the address that it listens at', at, '127.0.0.1:PORT'],
  ['of the page at localhost', 'http://localhost:PORT', 'localhost:PORT'],
  ['of the page at the public address', 'https://nobg.example', 'nobg.example'],
  ['of a friend', friend, '127.0.0.1:PORT'],
  ['of no page', undefined, '127.0.0.1:PORT'],
])('without keys, a post %s is accepted', async (_, origin, host) => {
  const { port } = new URL(keyless)
  const headers = {
    host: host.replace('PORT', port),
    ...(origin && { origin: origin.replace('PORT', port) }),
  }
  expect((await post(port, headers))[0]).toBe(200)
})

const paths = ['/queue.fal.run/fal-ai/birefnet', '/api/fal/proxy', '/uploads/x', '/uploads/x/1', '/files/x/y']

test('with keys, pages of every origin may call with a key', async () => {
  for (const path of paths) {
    const response = await preflight(keyed, path, 'https://any.example')
    expect(response.status).toBe(204)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-headers': expect.stringMatching(/authorization/),
      'access-control-allow-methods': 'GET,POST,PUT,OPTIONS',
    })
    const answer = await fetch(`${keyed}${path}`, { headers: { origin: 'https://any.example' } })
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    for (const name of ['x-fal-request-id', 'x-fal-request-timeout-type', 'x-fal-error-type'])
      expect(answer.headers.get('access-control-expose-headers')).toContain(name)
  }
})

test.each([
  ['without keys', () => keyless],
  ['with keys and a list', () => strict],
])('%s, only listed origins get CORS headers', async (_, get) => {
  for (const [origin, allowed] of [
    [friend, friend],
    ['https://any.example', null],
  ] as const)
    for (const path of paths) {
      const response = await preflight(get(), path, origin)
      expect(response.headers.get('access-control-allow-origin')).toBe(allowed)
    }
})

function preflight(url: string, path: string, origin: string): Promise<Response> {
  const asked = 'authorization,content-type,x-fal-target-url'
  return fetch(`${url}${path}`, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': asked },
  })
}

test('a server without keys that other machines can reach logs a warning', async () => {
  const warnings: string[] = []
  const note = (_: object, message: string) => void warnings.push(message)
  const logger = { info() {}, warn: note, error() {} }
  await using it = await openServer({ keys: [], logger })
  expect(warnings).toEqual([])
  await using other = await openServer({ keys: [], logger }, '0.0.0.0')
  expect(warnings).toEqual([expect.stringContaining('anyone can use it')])
  await using third = await openServer({ logger }, '0.0.0.0')
  expect(warnings).toHaveLength(1)
  expect([it, other, third]).toHaveLength(3)
})
