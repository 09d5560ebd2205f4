import { readdir, readFile } from 'node:fs/promises'
import { request as sendRaw } from 'node:http'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PictureInfo, PictureList } from '../src/protocol.ts'
import { openReview, removeCache, type TestReview } from './support/open-review.ts'

let it: TestReview
let token: string
let info: PictureInfo

beforeAll(async () => {
  it = await openReview({ 'src/cat.jpg': 'cat' }, { base: '/__nobg/', allowedHosts: ['.example.test'] })
  const html = await (await fetch(it.served.url)).text()
  token = /name="nobg-token" content="([\w-]{43})"/.exec(html)?.[1] ?? ''
  info = await readReady()
})

afterAll(async () => {
  await it[Symbol.asyncDispose]()
  await removeCache()
})

async function readReady(): Promise<PictureInfo> {
  for (;;) {
    const response = await fetch(`${it.served.url}api/pictures?since=0`)
    const { pictures } = (await response.json()) as PictureList
    if (pictures[0]?.state === 'ready') return pictures[0]
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

interface Hostile {
  method?: string
  path?: string
  headers?: Record<string, string>
  body?: Buffer | string
}

/** A request as the page sends it, except for the given parts. A header that is empty is left out. */
function send({ method = 'PUT', path, headers = {}, body = '' }: Hostile = {}): Promise<number> {
  const { origin, host, port } = new URL(it.served.url)
  const own: Record<string, string> = {
    host,
    origin,
    'x-nobg-token': token,
    'content-type': 'image/png',
    ...headers,
  }
  const sent = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== ''))
  return new Promise((resolve, reject) => {
    const request = sendRaw(
      {
        host: '127.0.0.1',
        port,
        method,
        path: path ?? `/__nobg/api/pictures/${info.id}/matte?version=${info.version}`,
        headers: sent,
      },
      response => {
        response.resume()
        resolve(response.statusCode ?? 0)
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}

const own = () => new URL(it.served.url).origin

describe('a request that changes something is refused', () => {
  test.each<[string, () => Hostile]>([
    ['without a token', () => ({ headers: { 'x-nobg-token': '' } })],
    ['with a wrong token', () => ({ headers: { 'x-nobg-token': 'a'.repeat(43) } })],
    ['with a part of the token', () => ({ headers: { 'x-nobg-token': token.slice(0, -1) } })],
    ['of another site', () => ({ headers: { origin: 'https://evil.test' } })],
    ['of another port of this machine', () => ({ headers: { origin: 'http://127.0.0.1:1' } })],
    ['of a site whose name starts with the own host', () => ({ headers: { origin: `${own()}.evil.test` } })],
    ['of a sandboxed frame', () => ({ headers: { origin: 'null' } })],
    ['without an origin', () => ({ headers: { origin: '' } })],
    [
      'to a name that an attacker resolves to this machine',
      () => ({ headers: { host: 'evil.test', origin: 'http://evil.test' } }),
    ],
    [
      'to a name that ends with an allowed one',
      () => ({ headers: { host: 'evilexample.test', origin: 'http://evilexample.test' } }),
    ],
    [
      'to a name that starts with localhost',
      () => ({ headers: { host: 'localhost.evil.test', origin: 'http://localhost.evil.test' } }),
    ],
  ])('%s', async (_, hostile) => {
    for (const [method, part] of [
      ['PUT', 'matte'],
      ['POST', 'reviewed'],
      ['POST', 'candidates'],
    ]) {
      const path = `/__nobg/api/pictures/${info.id}/${part}?version=${info.version}`
      expect(await send({ method, path, ...hostile() })).toBe(403)
    }
    expect(it.saved).toEqual([])
    expect(await readdir(it.path('src'))).toEqual(['cat.jpg'])
  })
})

test.each(['evil.test', 'localhost.evil.test', '127.0.0.1.evil.test', '192.168.1.5'])(
  'a page at the host %s is not answered, so that it cannot read the token',
  async host => {
    expect(await send({ method: 'GET', path: '/__nobg/', headers: { host } })).toBe(403)
  },
)

test.each(['localhost', '127.0.0.1', '[::1]', 'app.example.test', 'example.test'])(
  'the host %s is answered',
  async host => {
    expect(await send({ method: 'GET', path: '/__nobg/', headers: { host } })).toBe(200)
  },
)

test('another site may link to the page, but not embed or read its parts', async () => {
  const navigate = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
  expect(await send({ method: 'GET', path: '/__nobg/', headers: navigate })).toBe(200)
  const embed = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }
  for (const path of ['api/pictures', `api/pictures/${info.id}/photograph`, '']) {
    expect(await send({ method: 'GET', path: `/__nobg/${path}`, headers: embed })).toBe(403)
  }
})

test.each([
  '/__nobg/../package.json',
  '/__nobg/assets/..%2findex.html',
  '/__nobg/assets/../../src/cat.jpg',
  '/__nobg/api/pictures/..%2f..%2fsrc%2fcat.jpg/photograph',
  '/__nobg/api/pictures/%2e%2e/photograph',
  '/__nobg/api/pictures/0000000000000000/photograph',
  '/__nobg/api/pictures/__proto__/photograph',
  '/__nobg/api/pictures/constructor/matte',
  '/elsewhere',
])('the path %s leads to nothing', async path => {
  expect(await send({ method: 'GET', path })).toBe(404)
})

test('a candidate of another id, and a part that does not exist, lead to nothing', async () => {
  for (const part of ['secret', 'candidates/0000/matte', 'candidates/__proto__/matte']) {
    expect(await send({ method: 'GET', path: `/__nobg/api/pictures/${info.id}/${part}` })).toBe(404)
  }
})

test('bodies have a type and a limit', async () => {
  expect(await send({ headers: { 'content-type': 'text/plain' } })).toBe(415)
  expect(await send({ headers: { 'content-type': '' } })).toBe(415)
  expect(await send({ body: Buffer.alloc(33 * 2 ** 20) })).toBe(413)
  expect(await send({ headers: { 'transfer-encoding': 'chunked' }, body: Buffer.alloc(33 * 2 ** 20) })).toBe(
    413,
  )
  const path = `/__nobg/api/pictures/${info.id}/candidates`
  const json = { 'content-type': 'application/json' }
  expect(await send({ method: 'POST', path, headers: json, body: `"${'a'.repeat(20_000)}"` })).toBe(413)
  for (const body of [
    '',
    'no json',
    '[]',
    '{"model":"u2netp","matte":"/etc/passwd"}',
    '{"model":"u2netp","operatingResolution":1e9}',
  ]) {
    expect(await send({ method: 'POST', path, headers: json, body })).toBe(400)
  }
})

test.each([
  ['no image', () => Buffer.from('no image')],
  [
    'an image of another aspect ratio',
    () =>
      sharp({ create: { width: 100, height: 400, channels: 3, background: '#fff' } })
        .png()
        .toBuffer(),
  ],
  [
    'an empty matte',
    () =>
      sharp({ create: { width: 240, height: 160, channels: 3, background: '#000' } })
        .png()
        .toBuffer(),
  ],
])('%s is refused as a matte, and nothing is written', async (_, make) => {
  expect(await send({ body: await make() })).toBe(422)
  expect(await readdir(it.path('src'))).toEqual(['cat.jpg'])
})

test('a correction of a photograph that has changed is refused', async () => {
  const path = `/__nobg/api/pictures/${info.id}/matte?version=0000000000000000`
  expect(await send({ path, body: await readFile(it.path('src/cat.jpg')) })).toBe(409)
})

test('a wrong method is refused', async () => {
  expect(await send({ method: 'DELETE' })).toBe(405)
  expect(await send({ method: 'POST', path: '/__nobg/' })).toBe(405)
})
