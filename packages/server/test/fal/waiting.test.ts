import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { QueueStatus } from '@fal-ai/client'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { key, openServer, type TestServer } from '../support/open-server.ts'
import { drawCup, toDataUri } from '../support/pictures.ts'

let it: TestServer
let image_url: string
const app = 'fal-ai/birefnet'

beforeAll(async () => {
  it = await openServer({ concurrency: 1 })
  image_url = await toDataUri(drawCup())
})

afterAll(() => it[Symbol.asyncDispose]())

let threshold = 0.1
/** A picture that is in no cache. */
const newInput = () => {
  threshold += 0.001
  return { image_url, threshold } as never
}
const submit = (options: object = {}) => it.fal.queue.submit(app, { input: newInput(), ...options })
const waitFor = (requestId: string) => it.fal.queue.subscribeToStatus(app, { requestId, pollInterval: 10 })
const ask = (address: string, init: RequestInit = {}) =>
  fetch(address, { ...init, headers: { authorization: `Key ${key}` } })

/** Keeps the only runner busy during a test of waiting requests. */
async function keepBusy(): Promise<string[]> {
  const all = await Promise.all([1, 2, 3, 4].map(() => submit()))
  return all.map(({ request_id }) => request_id)
}

test('the addresses answer 202 until the end, then 200 with the same result', async () => {
  const answer = (await submit()) as unknown as Record<string, string>
  expect(answer).toMatchObject({
    status: 'IN_QUEUE',
    request_id: expect.stringMatching(/^[\w-]{36}$/),
    queue_position: expect.any(Number),
  })
  // The Python client follows the addresses.
  for (;;) {
    const response = await ask(`${answer.status_url}?logs=true`)
    const status = (await response.json()) as QueueStatus
    expect(response.status).toBe(status.status === 'COMPLETED' ? 200 : 202)
    expect(response.headers.get('x-fal-request-id')).toBe(answer.request_id)
    if (status.status === 'COMPLETED') break
    if (status.status === 'IN_PROGRESS') expect(status.logs).toBeInstanceOf(Array)
    await delay(10)
  }
  const result = await ask(answer.response_url)
  expect(result.headers.get('x-fal-request-id')).toBe(answer.request_id)
  const body = await result.json()
  expect(body).toMatchObject({ image: { content_type: 'image/png' } })
  expect(await (await ask(`${answer.response_url}/response`)).json()).toEqual(body)
  expect((await ask(answer.cancel_url, { method: 'PUT' })).status).toBe(400)
  const ofV2 = answer.response_url.replace(app, `${app}/v2`)
  expect(await (await ask(ofV2)).json()).toEqual(body)
  for (let times = 0; times < 2; times++)
    expect(await it.fal.queue.result(app, { requestId: answer.request_id })).toEqual({
      data: body,
      requestId: answer.request_id,
    })
})

test('a request that has not started within startTimeout is a 504 that the client does not retry', async () => {
  await keepBusy()
  await keepBusy()
  // The shortest timeout that the client allows.
  const late = it.fal.run(app, { input: newInput(), startTimeout: 1.001 }).catch((error: unknown) => error)
  const { request_id } = await submit({ headers: { 'x-fal-request-timeout': '0.01' } })
  const status = await waitFor(request_id)
  expect(status).toMatchObject({ status: 'COMPLETED', error_type: 'request_timeout' })
  const response = await ask(`${it.url}/queue.fal.run/${app}/requests/${request_id}`)
  expect(response.status).toBe(504)
  expect(response.headers.get('x-fal-request-timeout-type')).toBe('user')
  await late
})

test.each(['x-fal-request-timeout', 'x-fal-request-start-timeout'])(
  'the header %s is read, as clients in both languages send it',
  async name => {
    await keepBusy()
    await keepBusy()
    const { request_id } = await submit({ headers: { [name]: '0.01' } })
    expect(await waitFor(request_id)).toMatchObject({ error_type: 'request_timeout' })
  },
)

test.each(['Infinity', '1e308', '1e30', '99999999'])(
  'a start timeout of %s seconds is none, also after a restart',
  async seconds => {
    const dataDir = await mkdtemp(join(tmpdir(), 'nobg-timeout-'))
    onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
    const statusOf = async (url: string, id: string) =>
      (
        await fetch(`${url}/queue.fal.run/${app}/requests/${id}/status`, {
          headers: { authorization: `Key ${key}` },
        })
      ).json() as Promise<{ status: string; error_type?: string }>
    const send = async (url: string, input: object, headers = {}) => {
      const response = await fetch(`${url}/queue.fal.run/${app}`, {
        method: 'POST',
        headers: { authorization: `Key ${key}`, ...headers },
        body: JSON.stringify(input),
      })
      return ((await response.json()) as { request_id: string }).request_id
    }
    let id: string
    {
      await using first = await openServer({ dataDir, concurrency: 1 })
      for (let count = 0; count < 2; count++) await send(first.url, newInput())
      id = await send(first.url, {}, { 'x-fal-request-timeout': seconds })
    }
    await using second = await openServer({ dataDir })
    while ((await statusOf(second.url, id)).status !== 'COMPLETED') await delay(20)
    expect((await statusOf(second.url, id)).error_type).toBe('missing')
  },
)

test('files of a result are kept as long as the client asks', async () => {
  const lifecycle = JSON.stringify({ expiration_duration_seconds: 1 })
  const { request_id: requestId } = await submit({
    headers: { 'x-fal-object-lifecycle-preference': lifecycle },
  })
  await waitFor(requestId)
  const { data } = await it.fal.queue.result(app, { requestId })
  const { url } = (data as { image: { url: string } }).image
  while ((await fetch(url)).status === 200) await delay(20)
  expect((await fetch(url)).status).toBe(404)
})

test('polling: states in order, the whole log, metrics', async () => {
  const updates: QueueStatus[] = []
  await keepBusy()
  await it.fal.subscribe(app, {
    input: newInput(),
    logs: true,
    pollInterval: 5,
    onQueueUpdate: update => updates.push(update),
  })
  const states = [...new Set(updates.map(({ status }) => status))]
  expect(states).toEqual(['IN_QUEUE', 'IN_PROGRESS', 'COMPLETED'])
  let before = 0
  for (const update of updates) {
    expect(update).toMatchObject({ request_id: expect.any(String), status_url: expect.any(String) })
    if (update.status === 'IN_QUEUE') {
      expect(update.queue_position).toBeTypeOf('number')
      continue
    }
    expect(update.logs.length).toBeGreaterThanOrEqual(before)
    before = update.logs.length
  }
  const last = updates.at(-1) as QueueStatus & { logs: object[] }
  expect(last).toMatchObject({ metrics: { inference_time: expect.any(Number) } })
  expect(last.logs[0]).toEqual({
    message: 'Reading the input.',
    level: 'INFO',
    source: 'USER',
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
  })
})

test('the timeout of a subscribe cancels the request on the server', async () => {
  await keepBusy()
  let requestId = ''
  const call = it.fal.subscribe(app, {
    input: newInput(),
    timeout: 20,
    pollInterval: 5,
    onEnqueue: id => {
      requestId = id
    },
  })
  await expect(call).rejects.toThrow()
  expect(await waitFor(requestId)).toMatchObject({ error_type: 'client_cancelled' })
})

test('streamStatus: events in order, each log line once, closed after the end, also for a finished request', async () => {
  await keepBusy()
  const { request_id: requestId } = await submit()
  const read = async () => {
    const stream = await it.fal.queue.streamStatus(app, { requestId, logs: true })
    const events: (QueueStatus & { logs?: object[] })[] = []
    for await (const event of stream) events.push(event)
    return events
  }
  const events = await read()
  expect([...new Set(events.map(({ status }) => status))]).toEqual(['IN_QUEUE', 'IN_PROGRESS', 'COMPLETED'])
  expect(new Set(events.map(({ request_id }) => request_id))).toEqual(new Set([requestId]))
  const lines = events.flatMap(({ logs = [] }) => logs.map(line => JSON.stringify(line)))
  expect(lines.length).toBeGreaterThan(1)
  expect(new Set(lines).size).toBe(lines.length)
  expect(await read()).toMatchObject([{ status: 'COMPLETED' }])
  const response = await ask(`${it.url}/queue.fal.run/${app}/requests/${requestId}/status/stream`)
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
  expect(response.headers.get('x-fal-request-id')).toBe(requestId)
  expect(await response.text()).toMatch(/^[\x20-\x7e\n]*$/)
})

describe('cancel', () => {
  test('ends a running request', async () => {
    const [requestId] = await keepBusy()
    while ((await it.fal.queue.status(app, { requestId })).status === 'IN_QUEUE') await delay(5)
    await it.fal.queue.cancel(app, { requestId })
    expect(await waitFor(requestId)).toMatchObject({ error_type: 'client_cancelled' })
  })

  test('of a finished request is a 400 and keeps the result', async () => {
    const { request_id: requestId } = await submit()
    await waitFor(requestId)
    await expect(it.fal.queue.cancel(app, { requestId })).rejects.toMatchObject({
      status: 400,
      body: { status: 'ALREADY_COMPLETED' },
    })
    expect(await it.fal.queue.result(app, { requestId })).toMatchObject({ requestId })
  })

  test('happens when a direct call is closed', async () => {
    await keepBusy()
    const before = await countNeverRun()
    const gone = new AbortController()
    const requests = join(it.dataDir, 'queue/generation-1/requests')
    const known = (await readdir(requests)).length
    const call = it.fal.run(app, { input: newInput(), abortSignal: gone.signal })
    while ((await readdir(requests)).length === known) await delay(1)
    gone.abort()
    await expect(call).rejects.toThrow()
    while ((await countNeverRun()) === before) await delay(10)
  })

  /** Requests that were cancelled while they waited. */
  async function countNeverRun(): Promise<number> {
    const dir = join(it.dataDir, 'queue/generation-1/requests')
    const names = (await readdir(dir)).filter(name => name.endsWith('.json'))
    const all = await Promise.all(names.map(name => readFile(join(dir, name), 'utf8')))
    return all.filter(text => text.includes('"attempts":0') && text.includes('"status":499')).length
  }
})

describe('unknown ids', () => {
  test.each(['00000000-0000-4000-8000-000000000000', 'a', '%0a', '..%2f..%2fetc', 'ü'])('%s', async id => {
    for (const [path, method] of [
      ['', 'GET'],
      ['/status', 'GET'],
      ['/status/stream', 'GET'],
      ['/response', 'GET'],
      ['/cancel', 'PUT'],
    ]) {
      const response = await ask(`${it.url}/queue.fal.run/${app}/requests/${id}${path}`, { method })
      expect([path, response.status]).toEqual([path, 404])
      expect(await response.json()).toMatchObject({ detail: expect.any(String) })
    }
  })

  test('the client does not retry them', async () => {
    const requestId = 'unknown-id'
    const { queue } = it.fal
    const calls = [queue.status, queue.result, queue.cancel].map(call => call(app, { requestId }))
    for (const call of calls) await expect(call).rejects.toMatchObject({ status: 404 })
    const stream = await queue.streamStatus(app, { requestId })
    await expect(stream.done()).rejects.toMatchObject({ status: 404 })
  })
})
