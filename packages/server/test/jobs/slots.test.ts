import type { CompletedQueueStatus } from '@fal-ai/client'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listen } from '../support/listen.ts'
import { key, openServer, type TestServer } from '../support/open-server.ts'
import { coffee, drawCup, toDataUri } from '../support/pictures.ts'

const app = 'fal-ai/birefnet'
let it: TestServer
let image_url: string

beforeAll(async () => {
  it = await openServer({ concurrency: 1, allowHosts: ['127.0.0.1'] })
  image_url = await toDataUri(drawCup())
})

afterAll(() => it[Symbol.asyncDispose]())

/** Opens a host that never answers. */
async function openSilentHost() {
  let noteAsked = () => {}
  const asked = new Promise<void>(resolve => {
    noteAsked = resolve
  })
  const port = await listen(() => noteAsked())
  return { url: `http://127.0.0.1:${port}/a.png`, asked }
}

test('requests that wait for slow hosts do not delay others, and end when they are canceled', async () => {
  const hosts = await Promise.all([openSilentHost(), openSilentHost(), openSilentHost()])
  const waiting: string[] = []
  for (const { url, asked } of hosts) {
    waiting.push((await it.fal.queue.submit(app, { input: { image_url: url } })).request_id)
    await asked
  }
  const { data } = await it.fal.run(app, { input: { image_url } })
  expect(data).toMatchObject({ image: { width: 150, height: 100 } })
  for (const requestId of waiting) {
    expect(await it.fal.queue.status(app, { requestId })).toMatchObject({ status: 'IN_PROGRESS' })
    await it.fal.queue.cancel(app, { requestId })
    expect(await it.fal.queue.status(app, { requestId })).toMatchObject({ status: 'COMPLETED' })
  }
})

test('requests whose hosts answer at the same time run one after the other, if there is one slot', async () => {
  const photographs = await Promise.all(
    [1, 2, 3, 4, 5].map(left =>
      sharp(coffee).extract({ left, top: 0, width: 200, height: 150 }).png().toBuffer(),
    ),
  )
  const answers: (() => void)[] = []
  const port = await listen(({ url }, response) => {
    answers.push(() => response.end(photographs[Number(url?.slice(1))]))
    if (answers.length === 5) for (const answer of answers) answer()
  })
  const logs = await Promise.all(
    photographs.map(async (_, index) => {
      const input = { image_url: `http://127.0.0.1:${port}/${index}` }
      const { request_id: requestId } = await it.fal.queue.submit(app, { input })
      const { status } = await it.fal.queue.subscribeToStatus(app, { requestId, pollInterval: 50 })
      expect(status).toBe('COMPLETED')
      const { logs } = (await it.fal.queue.status(app, { requestId, logs: true })) as CompletedQueueStatus
      return logs.map(({ message, timestamp }) => ({ message, time: Date.parse(timestamp) }))
    }),
  )
  // The first line is written before the fetch.
  const runs = logs
    .map(lines => ({ start: lines[1].time, end: lines.at(-1) }))
    .sort((a, b) => a.start - b.start)
  for (const [index, { end }] of runs.entries()) {
    expect(end?.message).toMatch(/^Done/)
    expect(runs[index + 1]?.start ?? Infinity).toBeGreaterThanOrEqual(end?.time ?? Infinity)
  }
})

test('a request that runs too long ends with 504, and the next runs', async () => {
  await using other = await openServer({ concurrency: 1, maxRunSeconds: 1, allowHosts: ['127.0.0.1'] })
  const { url } = await openSilentHost()
  const response = await fetch(`${other.url}/fal.run/${app}`, {
    method: 'POST',
    headers: { authorization: `Key ${key}` },
    body: JSON.stringify({ image_url: url }),
  })
  expect([response.status, await response.json()]).toMatchObject([
    504,
    { detail: [{ type: 'generation_timeout', msg: 'The request took longer than 1 s.' }] },
  ])
  // Ends without the engine, whose start may take longer than the limit.
  const refused = await other.fal.run(app, { input: {} as never }).catch(error => error)
  expect(refused.status).toBe(422)
})

const svg = `data:image/svg+xml;base64,${Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><rect width="20" height="30"/></svg>',
).toString('base64')}`
const input = { image_url: svg, allow_empty: true } as never

test('SVG is refused with 422', async () => {
  const error = await it.fal.run(app, { input }).catch(error => error)
  expect([error.status, error.body]).toMatchObject([
    422,
    { detail: [{ loc: ['body', 'image_url'], msg: expect.stringContaining('got SVG') }] },
  ])
})

test('SVG is decoded if the engine may', async () => {
  await using other = await openServer({ engine: { svg: true } })
  const { data } = await other.fal.run(app, { input })
  expect(data).toMatchObject({ image: { width: 40, height: 30 } })
})
