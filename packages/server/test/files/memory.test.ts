import { readdir, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { inspect } from 'node:util'
import { createStorage } from 'unstorage'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { createTokenFileStore } from '../../src/files/token-file-store.ts'
import { openFolder } from '../../src/storage/open-folder.ts'
import { key, openServer, type TestServer } from '../support/open-server.ts'

const MIB = 2 ** 20
let it: TestServer

beforeAll(async () => {
  it = await openServer({ maxBufferedBytes: 1000 })
})

afterAll(() => it[Symbol.asyncDispose]())

async function begin(at = it): Promise<{ upload_url: string; file_url: string }> {
  const response = await fetch(`${at.url}/rest.fal.ai/storage/upload/initiate`, {
    method: 'POST',
    headers: { authorization: `Key ${key}` },
  })
  return (await response.json()) as { upload_url: string; file_url: string }
}

/** Announces a body, sends its start, and leaves the connection open. */
function sendStart(method: string, url: string, length: number, start = ''): Socket {
  const { pathname, port } = new URL(url)
  const socket = connect(Number(port), '127.0.0.1').on('error', () => {})
  onTestFinished(() => void socket.destroy())
  const head = [`${method} ${pathname} HTTP/1.1`, 'Host: a', `Authorization: Key ${key}`, 'Connection: close']
  socket.write(`${[...head, `Content-Length: ${length}`].join('\r\n')}\r\n\r\n${start}`)
  return socket
}
const statusOf = async (socket: Socket) => Number(/^HTTP\/1.1 (\d+)/.exec(await text(socket))?.[1])

test.each(['', '/1'])('an upload of an unknown token to %j is answered before its body', async part => {
  const url = `${it.url}/uploads/${'x'.repeat(43)}${part}`
  expect(await statusOf(sendStart('PUT', url, 100 * MIB))).toBe(404)
})

test('bodies of calls are limited together, until they are stored', async () => {
  const call = `${it.url}/queue.fal.run/fal-ai/birefnet`
  const body = JSON.stringify({ image_url: `data:,${'x'.repeat(600)}` })
  const slow = sendStart('POST', call, body.length, body.slice(0, 100))
  const submit = () => fetch(call, { method: 'POST', headers: { authorization: `Key ${key}` }, body })
  let refused = await submit()
  while (refused.status === 200) refused = await submit()
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5'])
  const answer = statusOf(slow)
  slow.write(body.slice(100))
  expect(await answer).toBe(200)
  expect((await submit()).status).toBe(200)
})

test('a single body may be larger than the memory for all', async () => {
  const body = JSON.stringify({ image_url: `data:,${'x'.repeat(5000)}` })
  const headers = { authorization: `Key ${key}` }
  const response = await fetch(`${it.url}/queue.fal.run/fal-ai/birefnet`, { method: 'POST', headers, body })
  expect(response.status).toBe(200)
})

test('uploads are streamed: they do not count, and arrive unchanged', async () => {
  const { upload_url, file_url } = await begin()
  const bytes = Buffer.alloc(3 * MIB + 7, 'abc')
  sendStart('PUT', (await begin()).upload_url, 100 * MIB, 'a'.repeat(5000))
  expect((await fetch(upload_url, { method: 'PUT', body: bytes })).status).toBe(200)
  expect(Buffer.from(await (await fetch(file_url)).arrayBuffer()).equals(bytes)).toBe(true)
})

test('an upload whose connection is lost leaves nothing', async () => {
  await using other = await openServer({ maxStoredBytes: 10_000 })
  const { upload_url, file_url } = await begin(other)
  const slow = sendStart('PUT', upload_url, 9000, 'a'.repeat(5000))
  const files = join(other.dataDir, 'files')
  const list = (folder: string) => readdir(join(files, folder)).catch(() => [])
  while ((await list('tmp')).length === 0);
  slow.destroy()
  while ((await list('tmp')).length + (await list('labels')).length > 0);
  expect(await list('files')).toEqual([])
  expect((await fetch(file_url)).status).toBe(404)
  // Its space is free again.
  expect((await fetch(upload_url, { method: 'PUT', body: 'b'.repeat(9000) })).status).toBe(200)
  expect(await (await fetch(file_url)).text()).toBe('b'.repeat(9000))
})

test('a storage without streams holds uploads in memory, within the limit', async () => {
  await using other = await openServer({ maxBufferedBytes: 1000, storage: createStorage() })
  const { upload_url, file_url } = await begin(other)
  const slow = sendStart('PUT', upload_url, 900, 'a')
  const put = async () => fetch((await begin(other)).upload_url, { method: 'PUT', body: 'b'.repeat(900) })
  let refused = await put()
  while (refused.status === 200) refused = await put()
  expect(refused.status).toBe(429)
  const answer = statusOf(slow)
  slow.write('a'.repeat(899))
  expect(await answer).toBe(200)
  expect(await (await fetch(file_url)).text()).toBe('a'.repeat(900))
})

test('a file is read as fast as its reader takes it', async () => {
  const folder = await openFolder(join(it.dataDir, 'slow'))
  const fileStore = createTokenFileStore(folder)
  const reads = vi.spyOn(folder.streams, 'readRange')
  const bytes = Buffer.alloc(40 * MIB, 1)
  const token = await fileStore.put({ bytes, contentType: 'image/png', fileName: 'a.png' }, 60)
  const file = await fileStore.open(token)
  const { body } = file ?? expect.unreachable('expected a file')
  const reader = (body as ReadableStream<Uint8Array>).getReader()
  let size = 0
  for (let piece = 1; piece <= 40; piece++) {
    size += (await reader.read()).value?.byteLength ?? 0
    // Everything that does not wait for the reader has run after this.
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
    expect(reads.mock.calls.length).toBeLessThanOrEqual(piece + 3)
  }
  expect(size).toBe(40 * MIB)
})

test('a file that is removed while it is read ends the connection, with one line in the log', async () => {
  const { upload_url, file_url } = await begin()
  await fetch(upload_url, { method: 'PUT', body: Buffer.alloc(100 * MIB) })
  const printed = vi.spyOn(console, 'error').mockReturnValue()
  onTestFinished(() => printed.mockRestore())
  const reader = (await fetch(file_url)).body?.getReader()
  await reader?.read()
  await rm(join(it.dataDir, 'files/files'), { recursive: true })
  await expect(
    (async () => {
      while (!(await reader?.read())?.done);
    })(),
  ).rejects.toThrow()
  const lines = printed.mock.calls.map(([error]) => inspect(error))
  expect(lines).toEqual(['[Error: A file could not be read to its end (ENOENT).]'])
})
