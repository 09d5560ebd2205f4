import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createWorker } from '../../src/index.ts'
import { openServer, type TestServer } from '../support/open-server.ts'
import { drawCup, toDataUri } from '../support/pictures.ts'
import { hasRedisServer, type RedisServer, startRedisServer } from '../support/redis-server.ts'

const app = 'fal-ai/birefnet'
/** Takes minutes to decode. */
const slow = `data:image/svg+xml;base64,${Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" width="9000" height="9000"><filter id="f" x="0" y="0" width="1" height="1"><feTurbulence baseFrequency="0.05" numOctaves="9"/></filter><rect width="9000" height="9000" filter="url(#f)"/></svg>',
).toString('base64')}`
/** One slot and one image at a time, so that a decoder that goes on stops everything else. */
const config = { concurrency: 1, engine: { svg: true, concurrency: 1 } } as const

let dir: string
let redis: RedisServer

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-hostile-'))
  if (hasRedisServer) redis = await startRedisServer(dir)
})

afterAll(async () => {
  if (hasRedisServer) await redis.kill()
  await rm(dir, { recursive: true, force: true })
})

/** Submits the slow image and waits until it runs. */
async function submitSlow({ fal }: TestServer): Promise<string> {
  const { request_id: requestId } = await fal.queue.submit(app, { input: { image_url: slow } })
  while ((await fal.queue.status(app, { requestId })).status === 'IN_QUEUE');
  return requestId
}

const cutOut = async ({ fal }: TestServer) =>
  (await fal.subscribe(app, { input: { image_url: await toDataUri(drawCup()) }, pollInterval: 50 })).data

test('a decoder that takes minutes ends when its request is canceled, and the next request runs', async () => {
  await using it = await openServer(config)
  const requestId = await submitSlow(it)
  await it.fal.queue.cancel(app, { requestId })
  expect(await cutOut(it)).toMatchObject({ image: { width: 150 } })
})

test('a decoder that takes minutes ends at the limit of its request, and the next request runs', async () => {
  await using it = await openServer({ ...config, maxRunSeconds: 20 })
  const requestId = await submitSlow(it)
  await it.fal.queue.subscribeToStatus(app, { requestId, pollInterval: 50 })
  const error = await it.fal.queue.result(app, { requestId }).catch(error => error)
  expect([error.status, error.body]).toMatchObject([504, { detail: [{ type: 'generation_timeout' }] }])
  // Needs the decoder, but not the model, whose start may take longer than the limit.
  const input = { image_url: 'data:image/png;base64,AAAA' }
  const refused = await it.fal.run(app, { input }).catch(error => error)
  expect(refused.status).toBe(422)
})

test('a decoder that takes minutes ends when the server closes, and its request waits for the next start', async () => {
  const dataDir = join(dir, 'closing')
  const it = await openServer({ ...config, dataDir, maxCloseSeconds: 1 })
  const requestId = await submitSlow(it)
  await it[Symbol.asyncDispose]()
  await using next = await openServer({ ...config, dataDir })
  expect((await next.fal.queue.status(app, { requestId })).status).not.toBe('COMPLETED')
  await next.fal.queue.cancel(app, { requestId })
  expect(await cutOut(next)).toMatchObject({ image: { width: 150 } })
})

test.skipIf(!hasRedisServer)(
  'a worker of Redis ends a decoder that takes minutes when its request is canceled (skipped without redis-server)',
  async () => {
    await using it = await openServer({ redis: redis.url })
    const quiet = { info() {}, warn() {} }
    const engine = { ...config.engine, substitute: 'u2netp', cacheDir: join(dir, 'cache'), download: false }
    const worker = await createWorker({
      redis: redis.url,
      concurrency: 1,
      engine: { ...engine, logger: quiet },
      logger: { ...quiet, error() {} },
    })
    onTestFinished(() => worker.close())
    const requestId = await submitSlow(it)
    await it.fal.queue.cancel(app, { requestId })
    expect(await cutOut(it)).toMatchObject({ image: { width: 150 } })
  },
)
