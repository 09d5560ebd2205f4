import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { key, openServer, type TestServer } from '../support/open-server.ts'

const logged: object[] = []
let it: TestServer

beforeAll(async () => {
  const error = (facts: object) => void logged.push(facts)
  it = await openServer({ logger: { info() {}, warn() {}, error } })
})

afterAll(() => it[Symbol.asyncDispose]())

const open = () => connect(Number(new URL(it.url).port), '127.0.0.1')
const head = `Host: a\r\nAuthorization: Key ${key}\r\n`

test.each([
  '/',
  '/healthz',
  '/files/x/y',
  `/uploads/${'a'.repeat(43)}`,
  '/fal.run/fal-ai/birefnet',
  '/rest.fal.ai/tokens/',
  '/nothing',
])('TRACE %s is not allowed', async path => {
  const socket = open()
  socket.end(`TRACE ${path} HTTP/1.1\r\n${head}Connection: close\r\n\r\n`)
  const answer = await text(socket)
  expect(answer).toMatch(/^HTTP\/1.1 405 /)
  expect(answer).toMatch(/\r\nallow: GET, HEAD, POST, PUT, OPTIONS\r\n/i)
  expect(logged).toEqual([])
})

test('a connection without requests stays open for longer than load balancers keep it', async () => {
  const response = await fetch(`${it.url}/healthz`)
  expect(response.headers.get('keep-alive')).toBe('timeout=65')
  await response.text()
})

async function beginUpload(): Promise<string> {
  const response = await fetch(`${it.url}/rest.fal.ai/storage/upload/initiate`, {
    method: 'POST',
    headers: { authorization: `Key ${key}` },
  })
  return new URL(((await response.json()) as { upload_url: string }).upload_url).pathname
}

test.each([
  [404, async () => `PUT /uploads/${'a'.repeat(43)}`],
  [413, async () => `PUT ${await beginUpload()}`],
  [401, async () => 'POST /cdn/files/upload'],
  [422, async () => 'POST /fal.run/fal-ai/birefnet'],
])('an answer %i before the end of a body says that the connection ends', async (status, begin) => {
  const socket = open()
  socket.write(`${await begin()} HTTP/1.1\r\n${head}Content-Length: 999999999\r\n\r\n{`)
  const [answer] = await once(socket.setEncoding('utf8'), 'data')
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} .*\\r\\nconnection: close\\r\\n`, 'is'))
  socket.destroy()
})

test.each([
  ['a call', async () => 'POST /fal.run/fal-ai/birefnet', 'Content-Length: 1000\r\n\r\n{"image_url":'],
  [
    'a submit',
    async () => 'POST /queue.fal.run/fal-ai/birefnet',
    'Content-Length: 1000\r\n\r\n{"image_url":',
  ],
  ['an upload', async () => `PUT ${await beginUpload()}`, 'Content-Length: 1000\r\n\r\naaaa'],
  ['a part', async () => `PUT ${await beginUpload()}/1`, 'Content-Length: 1000\r\n\r\naaaa'],
  ['chunks', async () => `PUT ${await beginUpload()}`, 'Transfer-Encoding: chunked\r\n\r\n4\r\naaaa\r\n'],
])('a client that hangs up in the middle of %s is no error of the server', async (_, begin, rest) => {
  const socket = open()
  socket.write(`${await begin()} HTTP/1.1\r\n${head}${rest}`)
  // An answer to another request: the server has read the first bytes.
  expect((await fetch(`${it.url}/healthz`)).status).toBe(200)
  socket.resetAndDestroy()
  await once(socket, 'close')
  for (let count = 0; count < 3; count++) expect((await fetch(`${it.url}/healthz`)).status).toBe(200)
  expect(logged).toEqual([])
})
