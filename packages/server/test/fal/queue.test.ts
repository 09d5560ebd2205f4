import type { QueueStatus } from '@fal-ai/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fail } from '../support/fail.ts'
import { key, openServer, type TestServer } from '../support/open-server.ts'
import { drawCup, toDataUri } from '../support/pictures.ts'

let it: TestServer
let input: { image_url: string }
const app = 'fal-ai/birefnet'

beforeAll(async () => {
  it = await openServer({ concurrency: 1 })
  input = { image_url: await toDataUri(drawCup()) }
})

afterAll(() => it[Symbol.asyncDispose]())

/** A picture that is in no cache. */
let pictures = 0
async function drawNew() {
  pictures++
  return { ...input, threshold: 0.1 + pictures / 1000 }
}

async function wait(requestId: string): Promise<void> {
  await it.fal.queue.subscribeToStatus(app, { requestId, pollInterval: 20 })
}

test('the addresses of a submit work for any client with the key', async () => {
  const submitted = (await it.fal.queue.submit(app, {
    input: { ...input, unknown_field: 1 } as never,
  })) as never as Record<string, string>
  expect(submitted).toMatchObject({
    status: 'IN_QUEUE',
    request_id: expect.any(String),
    queue_position: expect.any(Number),
  })
  await wait(submitted.request_id)
  const headers = { authorization: `Key ${key}` }
  const status = await fetch(`${submitted.status_url}?logs=true`, { headers })
  const result = await fetch(submitted.response_url, { headers })
  expect([status.status, result.status]).toEqual([200, 200])
  expect(await status.json()).toMatchObject({
    status: 'COMPLETED',
    metrics: { inference_time: expect.any(Number) },
  })
  expect(result.headers.get('x-fal-request-id')).toBe(submitted.request_id)
  const cancel = await fetch(submitted.cancel_url, { method: 'PUT', headers })
  expect([cancel.status, await cancel.json()]).toEqual([400, { status: 'ALREADY_COMPLETED' }])
  for (const id of [app, `${app}/v2`])
    expect((await it.fal.queue.result(id, { requestId: submitted.request_id })).data).toHaveProperty('image')
})

test.each(['polling', 'streaming'] as const)(
  'subscribe (%s): states in order, logs as a list, each line once',
  async mode => {
    const updates: QueueStatus[] = []
    const { data, requestId } = await it.fal.subscribe(app, {
      input: (await drawNew()) as never,
      logs: true,
      mode,
      ...(mode === 'polling' && { pollInterval: 20 }),
      onQueueUpdate: (update: QueueStatus) => updates.push(structuredClone(update)),
    } as never)
    expect(data).toHaveProperty('image')
    const order = ['IN_QUEUE', 'IN_PROGRESS', 'COMPLETED']
    const seen = updates.map(({ status }) => order.indexOf(status))
    expect(seen).toEqual(seen.toSorted())
    expect(updates.at(-1)).toMatchObject({ status: 'COMPLETED', request_id: requestId })
    const { logs } = updates.at(-1) as { logs: { message: string }[] }
    const lines = logs.map(({ message }) => message)
    expect(lines[0]).toBe('Reading the input.')
    expect(new Set(lines).size).toBe(lines.length)
  },
)

test('the stream of a finished request is one event', async () => {
  const { requestId } = await it.fal.subscribe(app, { input })
  const stream = await it.fal.queue.streamStatus(app, { requestId, logs: true })
  const events: unknown[] = []
  stream.on('data', event => events.push(event))
  expect(await stream.done()).toMatchObject({ status: 'COMPLETED', request_id: requestId })
  expect(events).toHaveLength(1)
})

describe('a request that waits behind others', () => {
  /** Ids of requests; the first keeps the only runner busy. */
  const submitSome = async (count: number, settings: object = {}) => {
    const ids: string[] = []
    for (let i = 0; i < count; i++) {
      const { request_id } = await it.fal.queue.submit(app, {
        input: (await drawNew()) as never,
        ...settings,
      })
      ids.push(request_id)
    }
    return ids
  }

  test('has no result: 400, which no client retries', async () => {
    const ids = await submitSome(5)
    const error = await fail(it.fal.queue.result(app, { requestId: ids[4] }))
    expect([error.status, error.body]).toEqual([400, { detail: 'Request is still in progress' }])
    await Promise.all(ids.map(wait))
  })

  test('ends with 499 when it is canceled', async () => {
    const ids = await submitSome(5)
    await it.fal.queue.cancel(app, { requestId: ids[4] })
    const status = await it.fal.queue.status(app, { requestId: ids[4] })
    expect(status).toMatchObject({ status: 'COMPLETED', error_type: 'client_cancelled' })
    expect((await fail(it.fal.queue.result(app, { requestId: ids[4] }))).status).toBe(499)
    await Promise.all(ids.map(wait))
  })

  test('runs after the others if its priority is low', async () => {
    const [first] = await submitSome(1)
    const [low] = await submitSome(1, { priority: 'low' })
    const [normal] = await submitSome(1)
    const ended: string[] = []
    await Promise.all([first, low, normal].map(id => wait(id).then(() => ended.push(id))))
    expect(ended.indexOf(normal)).toBeLessThan(ended.indexOf(low))
  })
})

test('unknown ids are 404 in JSON', async () => {
  const requestId = crypto.randomUUID()
  for (const call of [it.fal.queue.result, it.fal.queue.cancel, it.fal.queue.status])
    expect((await fail(call(app, { requestId }))).status).toBe(404)
})

test('three at once: three ids, three files', async () => {
  const results = await Promise.all(
    [1, 2, 3].map(async () => it.fal.subscribe(app, { input: (await drawNew()) as never })),
  )
  expect(new Set(results.map(({ requestId }) => requestId)).size).toBe(3)
  expect(new Set(results.map(({ data }) => (data as { image: { url: string } }).image.url)).size).toBe(3)
})
