import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createAddresses } from '../../src/files/addresses.ts'
import { key, openServer, type TestServer } from '../support/open-server.ts'

const room = { maxUploadBytes: 1000, maxStoredBytes: 6000, maxBodyBytes: 20_000 }

let it: TestServer

beforeAll(async () => {
  it = await openServer(room)
})

afterAll(() => it[Symbol.asyncDispose]())

async function begin(body: object = {}): Promise<{ upload_url: string; file_url: string }> {
  const response = await fetch(`${it.url}/rest.fal.ai/storage/upload/initiate`, {
    method: 'POST',
    headers: { authorization: `Key ${key}` },
    body: JSON.stringify(body),
  })
  return (await response.json()) as { upload_url: string; file_url: string }
}

const put = (url: string, body: string) => fetch(url, { method: 'PUT', body })
const complete = (url: string, body: unknown) =>
  fetch(`${url}/complete`, { method: 'POST', body: JSON.stringify(body) })
const tokenOf = (url: string) => url.slice(it.url.length).split('/')[2]

test.each([
  ['text/html', 'page.html', 'attachment'],
  ['image/svg+xml', 'picture.svg', 'attachment'],
  ['text/html;charset=utf-8', 'page.html', 'attachment'],
  ['text/html\r\nset-cookie: a=b', 'page.html', 'attachment'],
  ['image/png', 'a "ü" 漢字\r\n%2f<b>.png', 'inline'],
])('a file of type %j cannot run as a page', async (content_type, file_name, disposition) => {
  const { upload_url, file_url } = await begin({ content_type, file_name })
  await put(upload_url, '<script>alert(1)</script>')
  const { headers } = await fetch(file_url)
  expect(Object.fromEntries(headers)).toMatchObject({
    'content-disposition': expect.stringMatching(
      new RegExp(`^${disposition}; filename\\*=UTF-8''[\\w%.-]+$`),
    ),
    'content-security-policy': expect.stringContaining("default-src 'none'; sandbox"),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  })
  expect(headers.has('set-cookie')).toBe(false)
  const known = /^[\w.+-]+\/[\w.+-]+$/.test(content_type) ? content_type : 'application/octet-stream'
  expect(headers.get('content-type')).toBe(known)
  const head = await fetch(file_url, { method: 'HEAD' })
  expect([head.status, head.headers.get('content-length')]).toEqual([200, '25'])
})

test('the address for reading does not allow writing, nor the reverse', async () => {
  const { upload_url, file_url } = await begin()
  expect((await put(upload_url, 'mine')).status).toBe(200)
  const [upload, file] = [tokenOf(upload_url), tokenOf(file_url)]
  expect(upload).toMatch(/^[\w-]{43}$/)
  expect(file).toMatch(/^[\w-]{43}$/)
  expect((await put(`${it.url}/uploads/${file}`, 'theirs')).status).toBe(404)
  expect((await fetch(`${it.url}/files/${upload}/file`)).status).toBe(404)
  expect(await (await fetch(file_url)).text()).toBe('mine')
})

test('only tokens select files', async () => {
  const { upload_url, file_url } = await begin()
  await put(upload_url, 'mine')
  const [upload, file] = [tokenOf(upload_url), tokenOf(file_url)]
  const tricks = [
    `files/../webhook-key.pem`,
    'files/%2e%2e%2fwebhook-key.pem/x',
    'files/..%5c..%5cetc%5cpasswd/x',
    'files/keys:webhooks/x',
    'files/keys%3Awebhooks/x',
    `files/labels:${file}/x`,
    `files/${file.slice(1)}:/x`,
    `files/${file}%00/x`,
    `files/${file}%0a/x`,
    `files/${file}$/x`,
    `files/${upload}:1/x`,
    `files/${'.'.repeat(43)}/x`,
    'files/__proto__/x',
    'files//x',
  ]
  for (const path of tricks) expect([path, await send('GET', path)]).toEqual([path, 404])
  for (const path of [
    `uploads/${upload}:1`,
    `uploads/..%2f${upload}`,
    `uploads/${upload}/-1`,
    'uploads/..%2fx/1',
  ])
    expect([path, await send('PUT', path)]).toEqual([path, 404])
})

/** Sends the path unchanged; `fetch` would normalize it. */
async function send(method: string, path: string): Promise<number> {
  const socket = connect(Number(new URL(it.url).port), '127.0.0.1')
  // Not `end`: Node drops a connection that is half closed before its answer.
  socket.write(`${method} /${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`)
  return Number(/^HTTP\/1.1 (\d+)/.exec(await text(socket))?.[1])
}

/** A body without a content-length. */
const stream = (size: number) => new Blob([new Uint8Array(size)]).stream()
const putStream = (url: string, size: number) =>
  fetch(url, { method: 'PUT', body: stream(size), duplex: 'half' } as RequestInit)

test('bodies are limited with and without a content-length', async () => {
  const { upload_url } = await begin()
  expect((await put(upload_url, 'a'.repeat(1001))).status).toBe(413)
  expect((await putStream(upload_url, 1001)).status).toBe(413)
  expect((await putStream(`${upload_url}/1`, 1001)).status).toBe(413)
  const run = `${it.url}/fal.run/fal-ai/birefnet`
  const headers = { authorization: `Key ${key}` }
  for (const body of ['a'.repeat(20_001), stream(20_001)]) {
    const response = await fetch(run, { method: 'POST', headers, body, duplex: 'half' } as RequestInit)
    expect([response.status, await response.json()]).toMatchObject([
      422,
      { detail: [{ type: 'file_too_large' }] },
    ])
  }
})

test('all parts together are limited like a file, and each counts once', async () => {
  const { upload_url, file_url } = await begin()
  for (const part of [1, 2, 1]) expect((await put(`${upload_url}/${part}`, 'a'.repeat(400))).status).toBe(200)
  expect((await put(`${upload_url}/3`, 'a'.repeat(201))).status).toBe(413)
  expect((await put(`${upload_url}/100000`, 'a')).status).toBe(404)
  const parts = Array.from({ length: 5000 }, (_, index) => ({ partNumber: 1 + (index % 2) }))
  expect((await complete(upload_url, { parts })).status).toBe(200)
  expect((await (await fetch(file_url)).arrayBuffer()).byteLength).toBe(800)
})

test.each([[null], [[]], ['x'], [{ parts: 1 }], [{ parts: [null] }], [{ parts: [{ partNumber: '1:2' }] }]])(
  'parts as %j are refused',
  async body => {
    const { upload_url } = await begin()
    expect((await complete(upload_url, body)).status).toBe(400)
  },
)

test('a full storage refuses uploads', async () => {
  const statuses: number[] = []
  for (let count = 0; count < 8; count++)
    statuses.push((await put((await begin()).upload_url, 'a'.repeat(1000))).status)
  expect(statuses).toContain(200)
  expect(statuses.at(-1)).toBe(507)
})

describe('space for 10 kB', () => {
  const space = { maxUploadBytes: 6000, maxStoredBytes: 10_000, maxBodyBytes: 20_000 }
  const beginAt = async (server: TestServer) => {
    const response = await fetch(`${server.url}/rest.fal.ai/storage/upload/initiate`, {
      method: 'POST',
      headers: { authorization: `Key ${key}` },
    })
    return ((await response.json()) as { upload_url: string }).upload_url
  }
  const statusOf = async (response: Promise<Response>) => (await response).status

  test('is not exceeded by uploads at the same time', async () => {
    await using server = await openServer(space)
    const urls = await Promise.all(Array.from({ length: 12 }, () => beginAt(server)))
    const files = urls.map(url => statusOf(put(url, 'a'.repeat(4000))))
    expect((await Promise.all(files)).sort()).toEqual([200, 200, ...Array(10).fill(507)])
    const parts = urls.map(url => statusOf(put(`${url}/1`, 'a'.repeat(1500))))
    expect((await Promise.all(parts)).sort()).toEqual([200, ...Array(11).fill(507)])
  })

  test('counts a file that is uploaded again once', async () => {
    await using server = await openServer(space)
    const url = await beginAt(server)
    for (let count = 0; count < 12; count++) expect((await put(url, 'a'.repeat(6000))).status).toBe(200)
    for (let count = 0; count < 12; count++)
      expect((await put(`${url}/1`, 'a'.repeat(3000))).status).toBe(200)
    expect((await put(await beginAt(server), 'a'.repeat(1001))).status).toBe(507)
    // A smaller file frees the difference.
    expect((await put(url, 'a')).status).toBe(200)
    expect((await put(await beginAt(server), 'a'.repeat(5000))).status).toBe(200)
  })

  test.each(['fal.run', 'queue.fal.run'])('refuses calls of %s while it is used up', async host => {
    await using server = await openServer(space)
    const call = async () => {
      const headers = { authorization: `Key ${key}` }
      const response = await fetch(`${server.url}/${host}/fal-ai/birefnet`, {
        method: 'POST',
        headers,
        body: '{}',
      })
      await response.body?.cancel()
      return response.status
    }
    const urls = [await beginAt(server), await beginAt(server)]
    for (const url of urls) expect((await put(url, 'a'.repeat(5000))).status).toBe(200)
    expect(await call()).toBe(507)
    expect((await put(urls[0], 'a')).status).toBe(200)
    expect(await call()).not.toBe(507)
  })

  test('counts the files and parts of the last process', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'nobg-restart-'))
    onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
    const config = { ...space, dataDir }
    const tokens: string[] = []
    {
      await using server = await openServer(config)
      tokens.push(...[await beginAt(server), await beginAt(server)].map(url => url.split('/').at(-1) ?? ''))
      const [file, parts] = tokens.map(token => `${server.url}/uploads/${token}`)
      expect((await put(file, 'a'.repeat(3000))).status).toBe(200)
      expect((await put(`${parts}/1`, 'a'.repeat(4000))).status).toBe(200)
    }
    await using server = await openServer(config)
    const [file, parts] = tokens.map(token => `${server.url}/uploads/${token}`)
    // 4000 bytes of 6000 are there, and 7000 of 10,000.
    expect((await put(`${parts}/2`, 'a'.repeat(2001))).status).toBe(413)
    expect((await put(`${parts}/1`, 'b'.repeat(4000))).status).toBe(200)
    expect((await put(file, 'a'.repeat(6001))).status).toBe(413)
    expect((await put(`${parts}/2`, 'a'.repeat(2000))).status).toBe(200)
    expect((await put(file, 'a'.repeat(4001))).status).toBe(507)
    expect((await complete(parts, { parts: [{ partNumber: 1 }, { partNumber: 2 }] })).status).toBe(200)
    // The parts are gone: a file of 6000 bytes and one of 3000 are there.
    expect((await put(await beginAt(server), 'a'.repeat(1001))).status).toBe(507)
    expect((await put(await beginAt(server), 'a'.repeat(1000))).status).toBe(200)
  })
})

test.each(['http://127.0.0.1:3000', 'https://cut.example', 'https://cut.example/a/b', 'http://[::1]:80'])(
  'own files are known at %s',
  url => {
    const { ofFile, readToken } = createAddresses(() => url)
    expect(readToken(ofFile('token', 'a b.png'))).toBe('token')
    expect(readToken(ofFile('token', 'x').replace('http', 'HTTP'))).toBe('token')
    expect(readToken(`${url}.evil.example/files/token/x`)).toBeUndefined()
    expect(readToken(`${url}/files/../keys/token/x`)).toBeUndefined()
    expect(readToken('https://evil.example/files/token/x')).toBeUndefined()
  },
)
