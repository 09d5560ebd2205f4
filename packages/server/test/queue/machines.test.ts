import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createFalClient } from '@fal-ai/client'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { hasRedisServer, type RedisServer, startRedisServer } from '../support/redis-server.ts'

const coffee = join(import.meta.dirname, '../../../../examples/vite/src/photos/coffee.png')
const app = 'fal-ai/birefnet'

let dir: string
let redis: RedisServer
let durable: RedisServer
const children: ChildProcess[] = []

beforeAll(async () => {
  if (!hasRedisServer) return
  dir = await mkdtemp(join(tmpdir(), 'nobg-machines-'))
  redis = await startRedisServer(dir)
  const durableDir = join(dir, 'durable')
  await mkdir(durableDir)
  durable = await startRedisServer(durableDir, true)
})

afterAll(async () => {
  if (!hasRedisServer) return
  await Promise.all([redis.kill(), durable.kill()])
  await rm(dir, { recursive: true, force: true })
})

afterEach(async () => {
  await Promise.all(children.splice(0).map(kill))
})

/** @returns its first message, sent when it is ready */
async function start(script: string, ...words: string[]): Promise<{ child: ChildProcess; said: unknown }> {
  const child = fork(join(import.meta.dirname, '../support', script), words)
  children.push(child)
  const [said] = await once(child, 'message')
  return { child, said }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}

/** A different picture for each width. */
async function photoOf(width: number): Promise<Blob> {
  return new Blob([new Uint8Array(await sharp(coffee).resize(width).png().toBuffer())])
}

test.skipIf(!hasRedisServer)(
  'one of two workers is killed during a run, and all six subscribers get their picture (skipped without redis-server)',
  async () => {
    const [{ said: url }, one, other] = await Promise.all([
      start('serve.ts', dir, '0', redis.url),
      start('work.ts', dir, redis.url),
      start('work.ts', dir, redis.url),
    ])
    const fal = createFalClient({ proxyUrl: { url: `${url}/api/fal/proxy`, when: 'always' } })
    const widths = [600, 590, 580, 570, 560, 550]
    let isKilled = false
    const startedIds = new Set<string>()
    const subscribers = widths.map(async width => {
      const { data, requestId } = await fal.subscribe(app, {
        input: { image_url: await photoOf(width) } as never,
        pollInterval: 20,
        onQueueUpdate(update) {
          if (update.status !== 'IN_PROGRESS') return
          startedIds.add(update.request_id)
          // Both workers run a request: this one runs one of the two in progress.
          if (startedIds.size < 2 || isKilled) return
          isKilled = one.child.kill('SIGKILL')
        },
      })
      const response = await fetch((data as { image: { url: string } }).image.url)
      const { width: found } = await sharp(Buffer.from(await response.arrayBuffer())).metadata()
      return { found, requestId }
    })
    // The other worker runs all requests that the killed one did not finish.
    const ended = new Set<string>()
    other.child.on('message', ([{ request }]: [{ request: string }]) => ended.add(request))
    const results = await Promise.all(subscribers)
    expect(results.map(({ found }) => found)).toEqual(widths)
    expect(isKilled).toBe(true)
    expect(ended.size).toBeGreaterThan(3)
  },
)

test.skipIf(!hasRedisServer)(
  'a worker that was stopped while another took its request over changes no outcome (skipped without redis-server)',
  async () => {
    const home = join(dir, 'with-stopped')
    const [{ said: url }, { child: stopped }] = await Promise.all([
      start('serve.ts', home, '0', redis.url),
      start('work.ts', home, redis.url),
    ])
    const fal = createFalClient({ proxyUrl: { url: `${url}/api/fal/proxy`, when: 'always' } })
    const { request_id: requestId } = await fal.queue.submit(app, {
      input: { image_url: await photoOf(610) } as never,
    })
    while ((await fal.queue.status(app, { requestId })).status === 'IN_QUEUE');
    stopped.kill('SIGSTOP')
    const { child: other } = await start('work.ts', home, redis.url)
    const ended: unknown[] = []
    other.on('message', ([{ request }]: [{ request: string }]) => ended.push(request))
    await fal.queue.subscribeToStatus(app, { requestId, pollInterval: 50 })
    const { data } = await fal.queue.result(app, { requestId })
    // The message of the worker may arrive after its result.
    await expect.poll(() => ended, { timeout: 30_000 }).toEqual([requestId])
    // The stopped worker ends its run, too late.
    const said = once(stopped, 'message')
    stopped.kill('SIGCONT')
    expect((await said)[0][0]).toMatchObject({ request: requestId })
    expect((await fal.queue.result(app, { requestId })).data).toEqual(data)
  },
)

test.skipIf(!hasRedisServer)(
  'Redis is killed during a run and restarted from its disk, and all four requests succeed (skipped without redis-server)',
  async () => {
    const home = join(dir, 'with-durable')
    const [{ said: url }] = await Promise.all([
      start('serve.ts', home, '0', durable.url),
      start('work.ts', home, durable.url),
    ])
    const fal = createFalClient({ proxyUrl: { url: `${url}/api/fal/proxy`, when: 'always' } })
    const requests = [500, 490, 480, 470].map(async width => {
      const { request_id: requestId } = await fal.queue.submit(app, {
        input: { image_url: await photoOf(width) } as never,
      })
      return { requestId, width }
    })
    const waiting = await Promise.all(requests)
    // Not by fal's client, which retries a 503 for half a minute.
    const stateOf = async (requestId: string) => {
      const response = await fetch(`${url}/queue.fal.run/${app}/requests/${requestId}/status`)
      return response.ok ? (await response.json()).status : response.status
    }
    const states = () => Promise.all(waiting.map(({ requestId }) => stateOf(requestId)))
    while (!(await states()).includes('IN_PROGRESS')) await delay(20)
    await durable.kill()
    expect(await states()).toEqual([503, 503, 503, 503])
    await durable.start()
    while ((await states()).some(state => state !== 'COMPLETED')) await delay(100)
    for (const { requestId, width } of waiting) {
      const { data } = await fal.queue.result(app, { requestId })
      const response = await fetch((data as { image: { url: string } }).image.url)
      const found = await sharp(Buffer.from(await response.arrayBuffer())).metadata()
      expect(found.width).toBe(width)
    }
  },
)
