import { randomBytes } from 'node:crypto'
import { createFalClient } from '@fal-ai/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFetch } from '../../src/client/create-fetch.ts'
import { key, openServer, type TestServer } from '../support/open-server.ts'
import { drawCup } from '../support/pictures.ts'

let it: TestServer

beforeAll(async () => {
  it = await openServer()
})

afterAll(() => it[Symbol.asyncDispose]())

const fetchBytes = async (url: string) => Buffer.from(await (await fetch(url)).arrayBuffer())

test.each([
  ['cup.png', 'image/png', randomBytes(1000)],
  ['Ünïcödé 名 (1).txt', 'text/plain', Buffer.from('text')],
  ['../../etc/passwd', 'image/png', randomBytes(10)],
  ['empty.bin', 'application/octet-stream', Buffer.alloc(0)],
])('%s is downloaded unchanged', async (name, type, bytes) => {
  const url = await it.fal.storage.upload(new File([bytes], name, { type }))
  const response = await fetch(url)
  expect([response.status, response.headers.get('content-type')]).toEqual([200, type])
  expect(Buffer.compare(await fetchBytes(url), bytes)).toBe(0)
  expect(new URL(url).pathname).toMatch(/^\/files\/[\w-]{43}\/[^/]+$/)
})

test('a Blob without a type is accepted as an image', async () => {
  const { data } = await it.fal.run('fal-ai/birefnet', {
    input: { image_url: new Blob([new Uint8Array(await drawCup())]) as never },
  })
  expect(data).toMatchObject({ image: { width: 150 } })
})

test('91 MiB are uploaded in ten parts, each once', async () => {
  const parts: string[] = []
  const send: typeof fetch = (input, init) => {
    const [part] = /(?<=\/uploads\/[\w-]+\/)\d+$/.exec(String(input)) ?? []
    if (part) parts.push(part)
    return fetch(input, init)
  }
  const fal = createFalClient({ credentials: key, fetch: createFetch(it.url, send) })
  const bytes = Buffer.alloc(91 * 2 ** 20, 7)
  bytes[bytes.length - 1] = 9
  const url = await fal.storage.upload(new Blob([bytes]))
  expect(Buffer.compare(await fetchBytes(url), bytes)).toBe(0)
  expect(parts.map(Number).sort((one, other) => one - other)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
})

test('the address of a file does not allow writing', async () => {
  const url = await it.fal.storage.upload(new Blob(['mine']))
  const token = new URL(url).pathname.split('/')[2]
  expect((await fetch(`${it.url}/uploads/${token}`, { method: 'PUT', body: 'theirs' })).status).toBe(404)
  expect(String(await fetchBytes(url))).toBe('mine')
})
