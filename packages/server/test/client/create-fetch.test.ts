import type { AddressInfo } from 'node:net'
import { type ServerType, serve } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFetch } from '../../src/client/create-fetch.ts'

let echo: ServerType
let url: string
let fetchHere: typeof fetch

/** Answers with the request that it received. */
async function describeRequest(request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url)
  const { method, headers } = request
  return Response.json({
    path: pathname + search,
    method,
    authorization: headers.get('authorization'),
    body: await request.text(),
  })
}

beforeAll(async () => {
  echo = serve({ fetch: describeRequest, port: 0, hostname: '127.0.0.1' })
  await new Promise(resolve => echo.once('listening', resolve))
  url = `http://127.0.0.1:${(echo.address() as AddressInfo).port}`
  fetchHere = createFetch(`${url}/`)
})

afterAll(() => void echo.close())

describe('requests for the server', () => {
  test.each([
    ['https://fal.run/fal-ai/birefnet', '/fal.run/fal-ai/birefnet'],
    [
      'https://queue.fal.run/fal-ai/birefnet?fal_webhook=http%3A%2F%2Fx',
      '/queue.fal.run/fal-ai/birefnet?fal_webhook=http%3A%2F%2Fx',
    ],
    [
      'https://rest.fal.ai/storage/upload/initiate?storage_type=fal-cdn-v3',
      '/rest.fal.ai/storage/upload/initiate?storage_type=fal-cdn-v3',
    ],
    ['https://rest.alpha.fal.ai/tokens/', '/rest.alpha.fal.ai/tokens/'],
    ['https://FAL.run:443/', '/fal.run/'],
  ])('%s', async (address, path) => {
    for (const input of [address, new URL(address), new Request(address)])
      expect(await (await fetchHere(input)).json()).toMatchObject({ path, method: 'GET', body: '' })
  })

  test.each([
    'http://fal.run/',
    'https://fal.run:8443/',
    'https://fal.run.example.com/',
    'https://evil-fal.run/',
    'https://v3.fal.media/files/a.png',
    'https://example.com/?https://fal.run/',
    'data:,https://fal.run/',
    'no address',
  ])('not %s', async address => {
    const sent: unknown[] = []
    const spy = createFetch(url, async (input, init) => {
      sent.push(input, init)
      return new Response()
    })
    const init = { method: 'POST' }
    await spy(address, init)
    expect(sent).toEqual([address, init])
  })
})

describe('the parts of a request arrive', () => {
  const target = 'https://fal.run/fal-ai/birefnet'
  const arrived = { method: 'POST', authorization: 'Key a:b', body: '{"a":1}' }
  const headers = { authorization: 'Key a:b' }
  const stream = () => new Blob(['{"a"', ':1}']).stream()

  test.each<[string, () => Promise<Response>]>([
    ['an init', () => fetchHere(target, { method: 'POST', headers, body: '{"a":1}' })],
    [
      'an init with a stream',
      () => fetchHere(target, { method: 'POST', headers, body: stream(), duplex: 'half' } as RequestInit),
    ],
    ['a Request', () => fetchHere(new Request(target, { method: 'POST', headers, body: '{"a":1}' }))],
    [
      'a Request with a stream',
      () =>
        fetchHere(
          new Request(target, { method: 'POST', headers, body: stream(), duplex: 'half' } as RequestInit),
        ),
    ],
    [
      'a Request that an init changes',
      () => fetchHere(new Request(target, { headers }), { method: 'POST', body: '{"a":1}' }),
    ],
  ])('%s', async (_, send) => {
    expect(await (await send()).json()).toMatchObject(arrived)
  })

  test('a signal, of an init or of a Request', async () => {
    const gone = { signal: AbortSignal.abort() }
    await expect(fetchHere(target, gone)).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }))
    await expect(fetchHere(new Request(target, gone))).rejects.toThrow(
      expect.objectContaining({ name: 'AbortError' }),
    )
  })

  test('a Request with a used body is rejected, as by fetch', async () => {
    const used = new Request(target, { method: 'POST', body: 'x' })
    await used.text()
    await expect(fetchHere(used)).rejects.toThrow(TypeError)
  })
})

test.each(['', '127.0.0.1:3000', 'ftp://127.0.0.1', '/here'])('"%s" is no server', address => {
  expect(() => createFetch(address)).toThrow(`got "${address}"`)
})
