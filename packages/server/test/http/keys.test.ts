import { createFalClient } from '@fal-ai/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openServer, type TestServer } from '../support/open-server.ts'

const keys = ['id:secret', 'another', 'drei mit Leerzeichen']

let it: TestServer

beforeAll(async () => {
  it = await openServer({ keys })
})

afterAll(() => it[Symbol.asyncDispose]())

const app = 'fal-ai/birefnet'
const request = `queue.fal.run/${app}/requests/unknown`
const calls = [
  ['POST', `fal.run/${app}`],
  ['POST', `queue.fal.run/${app}`],
  ['GET', `${request}/status`],
  ['GET', `${request}/status/stream`],
  ['GET', `${request}/status/stream?fal_jwt_token=${'1'.repeat(13)}.${'a'.repeat(128)}`],
  ['GET', request],
  ['PUT', `${request}/cancel`],
  ['POST', 'rest.fal.ai/storage/upload/initiate'],
  ['POST', 'rest.fal.ai/storage/upload/initiate-multipart'],
  ['POST', 'rest.fal.ai/tokens/'],
] as const

test.each(calls)(
  '%s %s: 401 in JSON, through each entrance, whatever else is shown',
  async (method, path) => {
    const shown = [
      undefined,
      'Bearer id:secret',
      'id:secret',
      'Key',
      'Key ',
      'Key wrong',
      'keyid:secret',
      'Key id:secret2',
    ]
    for (const authorization of shown) {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
      const viaProxy = { ...headers, 'x-fal-target-url': `https://${path}` }
      for (const response of [
        await fetch(`${it.url}/${path}`, { method, headers }),
        await fetch(`${it.url}/api/fal/proxy`, { method, headers: viaProxy }),
      ]) {
        expect([authorization, response.status]).toEqual([authorization, 401])
        expect(await response.json()).toEqual({ detail: expect.stringContaining('Authorization: Key') })
      }
    }
  },
)

test.each(keys)('the key "%s" is accepted', async key => {
  const response = await fetch(`${it.url}/${request}`, { headers: { authorization: `Key ${key}` } })
  expect(response.status).toBe(404)
})

test('the client does not retry a wrong key', async () => {
  let sent = 0
  const fal = createFalClient({
    credentials: 'wrong',
    proxyUrl: { url: `${it.url}/api/fal/proxy`, when: 'always' },
    fetch: (...call) => {
      sent += 1
      return fetch(...call)
    },
  })
  const ends = [
    () => fal.run(app, { input: { image_url: 'x' } }),
    () => fal.queue.submit(app, { input: { image_url: 'x' } }),
    () => fal.queue.status(app, { requestId: 'x' }),
    () => fal.queue.result(app, { requestId: 'x' }),
    () => fal.queue.cancel(app, { requestId: 'x' }),
    () => fal.queue.streamStatus(app, { requestId: 'x' }).then(stream => stream.done()),
    () => fal.storage.upload(new Blob(['x'])),
  ]
  for (const call of ends)
    await expect(call()).rejects.toMatchObject({ status: 401, body: { detail: expect.any(String) } })
  expect(sent).toBe(ends.length)
})

test('files, health and the public key need no key', async () => {
  expect((await fetch(`${it.url}/.well-known/jwks.json`)).status).toBe(200)
  expect((await fetch(`${it.url}/rest.fal.ai/.well-known/jwks.json`)).status).toBe(200)
  expect((await fetch(`${it.url}/files/${'a'.repeat(43)}/x`)).status).toBe(404)
  expect((await fetch(`${it.url}/uploads/${'a'.repeat(43)}`, { method: 'PUT', body: 'x' })).status).toBe(404)
})

test.each(['key id:secret', 'KEY id:secret', 'Key  id:secret', 'key drei mit Leerzeichen'])(
  '"%s" is a valid key: schemes have no case',
  async authorization => {
    const response = await fetch(`${it.url}/metrics`, { headers: { authorization } })
    expect(response.status).toBe(200)
  },
)
