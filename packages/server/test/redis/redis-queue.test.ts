import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { createStorage } from 'unstorage'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createTokenFileStore } from '../../src/files/token-file-store.ts'
import { prefix } from '../../src/redis/connect.ts'
import { openJobs } from '../../src/redis/open-jobs.ts'
import { openSharedRedis } from '../../src/redis/open-shared-redis.ts'
import { queueNames } from '../../src/redis/redis-backend.ts'
import type { JobSettings } from '../../src/redis/run-jobs.ts'
import { canceled, lost } from '../../src/requests/outcomes.ts'
import type { Queue } from '../../src/requests/queue.ts'
import type { Run } from '../../src/requests/request.ts'
import { testQueue } from '../queue/conformance.ts'
import { echo, endOf, holdRuns, openGate, submit } from '../queue/requests.ts'
import { hasRedisServer, type RedisServer, startRedisServer } from '../support/redis-server.ts'

const storage = createStorage()
const fileStore = createTokenFileStore({ storage })
let dir: string
let redis: RedisServer

beforeAll(async () => {
  if (!hasRedisServer) return
  dir = await mkdtemp(join(tmpdir(), 'nobg-redis-'))
  redis = await startRedisServer(dir)
})

afterAll(async () => {
  if (!hasRedisServer) return
  await redis.kill()
  await rm(dir, { recursive: true })
})

type Settings = {
  run: Run
  maxWaiting?: number
  maxWaitingBytes?: number
  post?: () => Promise<void>
} & Partial<JobSettings>

/** A server's queue; `start` starts a worker in this process. */
async function openQueue({
  run,
  maxWaiting = 100,
  maxWaitingBytes = 2 ** 31,
  post = async () => {},
  ...settings
}: Settings): Promise<Queue> {
  const { onError = () => {} } = settings
  const shared = await openSharedRedis(redis.url, onError)
  const queue = await shared.openQueue({
    fileStore,
    webhooks: { deliver: async () => {}, post, close() {} },
    maxWaiting,
    maxWaitingBytes,
    resultLifeSeconds: 3600,
    publicUrl: () => 'http://localhost',
    onError,
  })
  let worker: Promise<{ close(): Promise<void> }> | undefined
  return {
    ...queue,
    start() {
      const jobs = {
        concurrency: 1,
        takeoverMs: 1000,
        maxCloseMs: 2 ** 40,
        ...settings,
        onError,
        runAt: () => run,
        onWait() {},
      }
      worker ??= openJobs(redis.url, fileStore, jobs)
    },
    async close() {
      await (await worker)?.close()
      worker = undefined
      await queue.close()
      shared.close()
    },
  }
}

describe.skipIf(!hasRedisServer)('on Redis (skipped without redis-server)', () => {
  testQueue('the queue on Redis', openQueue, () => redis.clear())

  describe('the queue on Redis only', () => {
    const open: Queue[] = []

    test('images that have not ended have at most maxWaitingBytes together', async () => {
      const image = (length: number) => ({ image_url: 'x'.repeat(length) })
      const queue = await openHere({ run: async request => echo(request), maxWaitingBytes: 1000 })
      const ids = [await submit(queue, image(400)), await submit(queue, image(400))]
      await expect(submit(queue, image(400))).rejects.toThrow('at most 1000 bytes')
      await submit(queue, image(0))
      await queue.cancel(ids[0])
      ids.push(await submit(queue, image(600)))
      queue.start()
      for (const id of ids) await endOf(queue, id)
      expect(await endOf(queue, await submit(queue, image(5000)))).toMatchObject({ status: 200 })
    })

    test('a worker that closes aborts a run at its limit, and another worker runs the request', async () => {
      const { run, started } = holdRuns()
      const first = await openHere({ run, maxCloseMs: 20 })
      const id = await submit(first, 1)
      first.start()
      await started
      await first.close()
      const next = await openHere({ run: async request => echo(request) })
      next.start()
      expect(await endOf(next, id)).toMatchObject({ status: 200, body: 1 })
    })

    test('a request whose worker lost its lock is not canceled: it runs again', async () => {
      const started = openGate()
      let runs = 0
      const run: Run = async (request, { signal }) => {
        if (++runs > 1) return echo(request)
        started.resolve()
        await new Promise(resolve => signal.addEventListener('abort', resolve))
        return canceled
      }
      const queue = await openHere({ run })
      const id = await submit(queue, 1)
      queue.start()
      await started.promise
      const client = new Redis(redis.url)
      expect(await client.del(`${prefix}:${queueNames.requests}:${id}:lock`)).toBe(1)
      client.disconnect()
      expect(await endOf(queue, id)).toEqual({ status: 200, body: 1 })
    })

    async function openHere(settings: Settings): Promise<Queue> {
      const queue = await openQueue(settings)
      open.push(queue)
      return queue
    }

    afterEach(async () => {
      for (const queue of open.splice(0)) await queue.close()
      await redis.clear()
    })

    test('a large input is a file and is removed when its request has ended', async () => {
      const queue = await openHere({ run: async request => echo(request) })
      const image_url = `data:,${'x'.repeat(50_000)}`
      const id = await submit(queue, { image_url })
      expect(await redis.dump()).not.toContain('xxxxxxxxxx')
      expect(await storage.getKeys('files')).toHaveLength(1)
      queue.start()
      expect(await endOf(queue, id)).toEqual({ status: 200, body: { image_url } })
      // The same for a large result.
      expect(await redis.dump()).not.toContain('xxxxxxxxxx')
      while ((await storage.getKeys('files')).length > 1);
    })

    test('another server reads a request and cancels its run', async () => {
      const { run, started } = holdRuns()
      const one = await openHere({ run })
      const other = await openHere({ run })
      one.start()
      const id = await submit(one)
      const seen = endOf(one, id)
      await started
      expect(await other.cancel(id)).toBe('requested')
      expect(await seen).toMatchObject({ status: 499 })
      // The worker is free again.
      while ((await one.count()).running > 0);
    })

    test('retries a failure of a machine, a run that throws until it is lost, and a webhook until a 2xx, but no wrong input', async () => {
      const failures = [500]
      const runs: Record<string, Run> = {
        fails: async request => ({ ...echo(request), status: failures.pop() ?? 200 }),
        throws: () => Promise.reject(new Error('thrown')),
        refuses: async request => ({ ...echo(request), status: 422 }),
      }
      let calls = 0
      const queue = await openHere({
        concurrency: 3,
        run: (request, context) => runs[String(request.input)](request, context),
        post: async () => {
          if (++calls === 1) throw new Error('not a 2xx')
        },
      })
      queue.start()
      const refused = endOf(queue, await submit(queue, 'refuses', { webhookUrl: 'http://localhost' }))
      const failed = endOf(queue, await submit(queue, 'fails'))
      const thrown = endOf(queue, await submit(queue, 'throws'))
      expect(await refused).toEqual({ status: 422, body: 'refuses' })
      expect(await failed).toEqual({ status: 200, body: 'fails' })
      expect(await thrown).toEqual(lost)
      while (calls < 2) await new Promise(setImmediate)
    })

    test('no more requests start in a minute than maxPerMinute', async () => {
      const queue = await openHere({ run: async request => echo(request), maxPerMinute: 1 })
      const ids = [await submit(queue, 1), await submit(queue, 2)]
      queue.start()
      expect(await endOf(queue, ids[0])).toMatchObject({ status: 200 })
      expect(await queue.find(ids[1])).toMatchObject({ state: 'IN_QUEUE' })
    })

    test('without Redis calls are rejected as unavailable, and succeed again after it has started', async () => {
      const queue = await openHere({ run: async request => echo(request) })
      queue.start()
      await endOf(queue, await submit(queue, 1))
      await redis.kill()
      await expect(submit(queue, 1)).rejects.toMatchObject({ name: 'QueueUnavailableError' })
      await expect(queue.cancel(crypto.randomUUID())).rejects.toMatchObject({ name: 'QueueUnavailableError' })
      await redis.start()
      let id: string | undefined
      while (!id) {
        id = await submit(queue, 2).catch(() => undefined)
        await new Promise(setImmediate)
      }
      expect(await endOf(queue, id)).toEqual({ status: 200, body: 2 })
    })
  })
})
