import { afterAll, beforeAll, expect, test } from 'vitest'
import { key, openServer, type TestServer } from '../support/open-server.ts'
import { drawCup } from '../support/pictures.ts'

// The calls of fal's Python client 0.2 to 1.0 (`fal_client.client`), header by header.

let it: TestServer

beforeAll(async () => {
  it = await openServer({ maxUploadBytes: 25_000 })
})

afterAll(() => it[Symbol.asyncDispose]())

interface CdnToken {
  token: string
  token_type: string
  base_url: string
  expires_at: string
}

async function refreshToken(shown = key): Promise<Response> {
  return fetch(`${it.url}/rest.alpha.fal.ai/storage/auth/token?storage_type=fal-cdn-v3`, {
    method: 'POST',
    headers: {
      authorization: `Key ${shown}`,
      accept: 'application/json',
      'content-type': 'application/json',
    },
    body: '{}',
  })
}

async function authorize() {
  const { token, token_type, base_url } = (await (await refreshToken()).json()) as CdnToken
  return { base: base_url, headers: { authorization: `${token_type} ${token}`, 'user-agent': 'fal/0.1.0' } }
}

const asType = (type: string, name: string) => ({ 'content-type': type, 'x-fal-file-name': name })

test('a token needs a key, and has a time with an offset', async () => {
  expect((await refreshToken('wrong')).status).toBe(401)
  const { expires_at, ...token } = (await (await refreshToken()).json()) as CdnToken
  expect(token).toMatchObject({ token_type: 'Bearer', base_url: `${it.url}/cdn` })
  // `datetime.fromisoformat` of Python 3.8 to 3.10 takes three or six digits of seconds, and no Z.
  expect(expires_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/)
  expect(Date.parse(expires_at)).toBeGreaterThan(Date.now())
})

test('a file is uploaded in one call, and is an image for requests', async () => {
  const { base, headers } = await authorize()
  const bytes = new Uint8Array(await drawCup('jpeg'))
  const response = await fetch(`${base}/files/upload`, {
    method: 'POST',
    headers: { ...headers, ...asType('image/jpeg', 'cup ü.jpg'.replace('ü', 'u')) },
    body: bytes,
  })
  const { access_url } = (await response.json()) as { access_url: string }
  const file = await fetch(access_url)
  expect(file.headers.get('content-type')).toBe('image/jpeg')
  expect(new Uint8Array(await file.arrayBuffer())).toEqual(bytes)
  const { data } = await it.fal.run('fal-ai/birefnet', { input: { image_url: access_url } })
  expect(data).toMatchObject({ image: { width: 150, height: 100 } })
})

test('a file is uploaded to the host of fal that the client calls, whatever address it gets', async () => {
  const { headers } = await authorize()
  const send = (shown: Record<string, string>) =>
    fetch(`${it.url}/v3.fal.media/files/upload`, {
      method: 'POST',
      headers: { ...shown, ...asType('image/png', 'a.png') },
      body: 'bytes',
    })
  const { access_url } = (await (await send(headers)).json()) as { access_url: string }
  expect(await (await fetch(access_url)).text()).toBe('bytes')
  expect((await send({ authorization: `Key ${key}` })).status).toBe(401)
})

test('a file is uploaded in parts, at the same time', async () => {
  const { base, headers } = await authorize()
  const created = await fetch(`${base}/files/upload/multipart`, {
    method: 'POST',
    headers: { ...headers, accept: 'application/json', ...asType('image/png', 'a.png') },
  })
  const { access_url, uploadId } = (await created.json()) as { access_url: string; uploadId: string }
  const bytes = Buffer.alloc(25_000, 'abcdefg')
  const upload = async (partNumber: number) => {
    const response = await fetch(`${access_url}/multipart/${uploadId}/${partNumber}`, {
      method: 'PUT',
      headers: { ...headers, 'content-type': 'image/png', 'accept-encoding': 'identity' },
      body: bytes.subarray((partNumber - 1) * 10_000, partNumber * 10_000),
    })
    return { partNumber, etag: response.headers.get('etag') }
  }
  const parts = await Promise.all([3, 1, 2].map(upload))
  expect(parts[0].etag).toMatch(/^"[\da-f]{32}"$/)
  const completed = await fetch(`${access_url}/multipart/${uploadId}/complete`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ parts }),
  })
  expect(completed.status).toBe(200)
  expect(Buffer.from(await (await fetch(access_url)).arrayBuffer()).equals(bytes)).toBe(true)
  const empty = await fetch(`${access_url}/multipart/${uploadId}/1`, { method: 'PUT', headers, body: '' })
  expect([empty.status, await empty.json()]).toEqual([
    400,
    { detail: 'Expected a part with bytes, got an empty one.' },
  ])
  expect(
    (await fetch(`${access_url}/multipart/${'x'.repeat(43)}/1`, { method: 'PUT', body: 'a' })).status,
  ).toBe(404)
})

test('uploads need a token of this server for uploads, and are limited', async () => {
  const { base, headers } = await authorize()
  const streamToken = await fetch(`${it.url}/rest.fal.ai/tokens/`, {
    method: 'POST',
    headers: { authorization: `Key ${key}` },
  })
  const shown = [undefined, `Key ${key}`, `Bearer ${key}`, `Bearer ${await streamToken.json()}`]
  for (const authorization of shown)
    for (const path of ['upload', 'upload/multipart']) {
      const init = { method: 'POST', headers: new Headers(authorization ? { authorization } : {}), body: 'a' }
      expect([authorization, (await fetch(`${base}/files/${path}`, init)).status]).toEqual([
        authorization,
        401,
      ])
    }
  const large = { method: 'POST', headers, body: 'a'.repeat(25_001) }
  expect((await fetch(`${base}/files/upload`, large)).status).toBe(413)
  const name = { ...headers, ...asType('text/html', '..%2f../<x>.html') }
  const named = await fetch(`${base}/files/upload`, { method: 'POST', headers: name, body: '<script>' })
  const { access_url } = (await named.json()) as { access_url: string }
  expect((await fetch(access_url)).headers.get('content-disposition')).toMatch(/^attachment/)
})
