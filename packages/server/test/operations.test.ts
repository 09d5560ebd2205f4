import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { key, openServer, type TestServer } from './support/open-server.ts'

const coffee = join(import.meta.dirname, '../../../examples/vite/src/photos/coffee.png')
const lines: [object, string][] = []
const note = (facts: object, message: string) => void lines.push([facts, message])

let it: TestServer

beforeAll(async () => {
  it = await openServer({ logger: { info: note, warn: note, error: note } })
  const image_url = `data:image/png;base64,${(await readFile(coffee)).toString('base64')}`
  for (const input of [{ image_url }, { image_url }, {}])
    await it.fal.run('fal-ai/birefnet', { input: input as never }).catch(() => {})
})

afterAll(() => it[Symbol.asyncDispose]())

const read = (path: string, shown?: string) =>
  fetch(`${it.url}${path}`, { headers: shown ? { authorization: `Key ${shown}` } : {} })

test.each(['/healthz', '/readyz'])('%s needs no key', async path => {
  const response = await read(path)
  expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }])
})

test('metrics count requests, stages and hits of the cache, and need a key', async () => {
  expect((await read('/metrics')).status).toBe(401)
  const response = await read('/metrics', key)
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=/)
  const text = await response.text()
  for (const line of [
    'nobg_requests_total{app="fal-ai/birefnet",status="200"} 2',
    'nobg_requests_total{app="fal-ai/birefnet",status="422"} 1',
    'nobg_pictures_total{cache="miss"} 1',
    'nobg_pictures_total{cache="hit"} 1',
    'nobg_stage_seconds_count{stage="inference"} 1',
    'nobg_request_wait_seconds_count 3',
    'nobg_queue_requests{state="waiting"} 0',
  ])
    expect(text).toContain(line)
  expect(text).toMatch(/^process_resident_memory_bytes \d+/m)
  expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m)
})

test('the log has a line for each request that has ended', () => {
  const ends = lines.filter(([, message]) => message === 'A request has ended.').map(([facts]) => facts)
  expect(ends).toMatchObject([{ status: 200 }, { status: 200 }, { status: 422 }])
  expect(ends[0]).toMatchObject({ request: expect.any(String), runSeconds: expect.any(Number) })
})

test('the OpenAPI document is valid, and has every field of the engine', async () => {
  const document = (await (await read('/openapi.json')).json()) as { paths: Record<string, object> }
  expect(await new Validator().validate(document)).toMatchObject({ valid: true })
  const text = JSON.stringify(document.paths['/fal.run/fal-ai/birefnet'])
  for (const field of ['image_url', 'operating_resolution', 'matte_upsampling', 'background_color'])
    expect(text).toContain(field)
})

test('a server that closes is not ready', async () => {
  const other = await openServer()
  await other.server.close()
  const response = await other.server.fetch(new Request('http://localhost/readyz'))
  expect(response.status).toBe(503)
})
