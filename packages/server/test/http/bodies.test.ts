import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listen } from '../support/listen.ts'
import { key, openServer, type TestServer } from '../support/open-server.ts'

let it: TestServer

beforeAll(async () => {
  it = await openServer({ allowHosts: ['127.0.0.1'] })
})

afterAll(() => it[Symbol.asyncDispose]())

const post = (path: string, body: string) =>
  fetch(`${it.url}/${path}`, { method: 'POST', headers: { authorization: `Key ${key}` }, body })

const paths = [
  'fal.run/fal-ai/birefnet',
  'queue.fal.run/fal-ai/birefnet/v2',
  'rest.fal.ai/storage/upload/initiate',
  'rest.fal.ai/tokens',
]
const fields = Array.from({ length: 100_000 }, (_, i) => `"k${i}":1`).join()
const bodies: [what: string, body: string][] = [
  ['a million levels', '{"a":'.repeat(1e6)],
  ['a million whole levels', `{"crop":${'['.repeat(1e6)}${']'.repeat(1e6)}}`],
  ['100,000 fields', `{${fields}}`],
  ['100,000 fields of a field', `{"crop":{${fields}}}`],
  ['a list', '[]'],
  ['half a body', '{"image_url":'],
]

test.each(paths.flatMap(path => bodies.map(([what, body]) => [path, what, body] as const)))(
  '%s answers 422 to %s',
  async (path, _, body) => {
    const response = await post(path, body)
    expect([response.status, await response.json()]).toMatchObject([422, { detail: [{ loc: ['body'] }] }])
  },
)

test.each([
  ['fal.run/fal-ai/birefnet', { image_url: 'data:,x', background_color: `rgb(${'1'.repeat(200_000)}%)` }],
  ['queue.fal.run/fal-ai/birefnet', { image_url: `http://127.0.0.1/${'a'.repeat(9000)}` }],
  ['rest.fal.ai/storage/upload/initiate', { file_name: 'a'.repeat(2000) }],
])('%s answers 422 to a long value', async (path, body) => {
  const response = await post(path, JSON.stringify(body))
  expect([response.status, await response.json()]).toMatchObject([
    422,
    { detail: [{ type: 'string_too_long', loc: ['body', Object.keys(body).at(-1)] }] },
  ])
})

test.each(paths)('%s answers 422 to a compressed body', async path => {
  const response = await fetch(`${it.url}/${path}`, {
    method: 'POST',
    headers: { authorization: `Key ${key}`, 'content-encoding': 'gzip' },
    body: gzipSync('{}'),
  })
  const msg =
    'Expected an uncompressed body, got the content-encoding gzip. Send the body without compression.'
  expect([response.status, await response.json()]).toMatchObject([422, { detail: [{ loc: ['body'], msg }] }])
})

test('a stored request has no unknown fields', async () => {
  let noteAsked = () => {}
  const asked = new Promise<void>(resolve => {
    noteAsked = resolve
  })
  const port = await listen(() => noteAsked())
  const image_url = `http://127.0.0.1:${port}/a.png`
  const body = JSON.stringify({ image_url, output_mask: true, prompt: 'a text of nobody', input: [[1]] })
  const { request_id, cancel_url } = (await (await post('queue.fal.run/fal-ai/birefnet', body)).json()) as {
    request_id: string
    cancel_url: string
  }
  await asked
  const folder = join(it.dataDir, 'queue/generation-1/requests')
  expect(await readdir(folder)).toContain(`${request_id}.json`)
  const { input } = JSON.parse(await readFile(join(folder, `${request_id}.json`), 'utf8'))
  expect(input).toEqual({ image_url, output_mask: true })
  await fetch(cancel_url, { method: 'PUT', headers: { authorization: `Key ${key}` } })
})
