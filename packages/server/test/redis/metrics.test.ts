import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createWorker } from '../../src/index.ts'
import { key, openServer, type TestServer } from '../support/open-server.ts'
import { drawCup, toDataUri } from '../support/pictures.ts'
import { hasRedisServer, type RedisServer, startRedisServer } from '../support/redis-server.ts'

const app = 'fal-ai/birefnet'
const quiet = { info() {}, warn() {}, error() {} }
let dir: string
let redis: RedisServer

beforeAll(async () => {
  if (!hasRedisServer) return
  dir = await mkdtemp(join(tmpdir(), 'nobg-metrics-'))
  redis = await startRedisServer(dir)
})

afterAll(async () => {
  if (!hasRedisServer) return
  await redis.kill()
  await rm(dir, { recursive: true, force: true })
})

async function readMetrics({ url }: TestServer): Promise<string> {
  return (await fetch(`${url}/metrics`, { headers: { authorization: `Key ${key}` } })).text()
}

test.skipIf(!hasRedisServer)(
  'every server has the metrics of all servers and workers (skipped without redis-server)',
  async () => {
    await using one = await openServer({ redis: redis.url })
    await using other = await openServer({ redis: redis.url })
    const input = { image_url: await toDataUri(drawCup()) }
    const waiting = await Promise.all([1, 2, 3].map(() => one.fal.queue.submit(app, { input })))
    await one.fal.queue.cancel(app, { requestId: waiting[0].request_id })
    expect(await readMetrics(other)).toMatch(/^nobg_queue_requests\{state="waiting"\} 2$/m)
    const worker = await createWorker({
      redis: redis.url,
      engine: { substitute: 'u2netp', cacheDir: join(dir, 'cache'), download: false, logger: quiet },
      logger: quiet,
    })
    onTestFinished(() => worker.close())
    for (const { request_id: requestId } of waiting.slice(1))
      await one.fal.queue.subscribeToStatus(app, { requestId, pollInterval: 50 })

    const expected = [
      'nobg_queue_requests{state="waiting"} 0',
      // One ended while it waited.
      'nobg_requests_total{app="fal-ai/birefnet",status="499"} 1',
      'nobg_requests_total{app="fal-ai/birefnet",status="200"} 2',
      'nobg_request_run_seconds_count 2',
      'nobg_request_run_seconds_bucket{le="+Inf"} 2',
      'nobg_stage_seconds_count{stage="inference"} 1',
      'nobg_stage_seconds_bucket{stage="inference",le="300"} 1',
    ]
    // The counts are written after the outcome.
    let text = ''
    while (!expected.every(line => text.split('\n').includes(line))) text = await readMetrics(other)
    expect(await readMetrics(one)).toMatch(/^nobg_stage_seconds_sum\{stage="inference"\} \d+(\.\d+)?$/m)
    const types = text.split('\n').filter(line => line.startsWith('# TYPE nobg_'))
    expect(new Set(types).size).toBe(types.length)
  },
)
