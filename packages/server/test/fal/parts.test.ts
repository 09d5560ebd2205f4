import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { key, openServer, type TestServer } from '../support/open-server.ts'

let it: TestServer

beforeAll(async () => {
  it = await openServer()
})

afterAll(() => it[Symbol.asyncDispose]())

/** The endpoint of the client's releases before 1.9. */
const begin = (path: string, headers = {}) =>
  fetch(`${it.url}/rest.alpha.fal.ai/storage/upload/${path}`, {
    method: 'POST',
    headers: { authorization: `Key ${key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ content_type: 'text/plain', file_name: 'a.txt' }),
  }).then(response => response.json() as Promise<{ upload_url: string; file_url: string }>)

test('parts have an ETag; a part and the completion may be sent twice', async () => {
  const { upload_url, file_url } = await begin('initiate-multipart')
  for (const [part, body] of ['2 b', '1 x', '1 a'].map(text => text.split(' '))) {
    const response = await fetch(`${upload_url}/${part}`, { method: 'PUT', body })
    expect(await response.json()).toEqual({ partNumber: Number(part), etag: response.headers.get('etag') })
    expect(response.headers.get('etag')).toBeTruthy()
  }
  const complete = (parts: object[]) =>
    fetch(`${upload_url}/complete`, { method: 'POST', body: JSON.stringify({ parts }) })
  expect((await complete([{ partNumber: 1 }, { partNumber: 3 }])).status).toBe(400)
  for (let times = 0; times < 2; times++)
    expect((await complete([{ partNumber: 1 }, { partNumber: 2 }, { partNumber: 1 }])).status).toBe(200)
  expect(await (await fetch(file_url)).text()).toBe('ab')
})

test('a file is kept as long as the header asks', async () => {
  const lifecycle = { 'x-fal-object-lifecycle': JSON.stringify({ expiration_duration_seconds: 0.3 }) }
  const { upload_url, file_url } = await begin('initiate', lifecycle)
  await fetch(upload_url, { method: 'PUT', body: 'short' })
  while ((await fetch(file_url)).status === 200) await delay(20)
  expect((await fetch(file_url)).status).toBe(404)
})
