import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createServer, createWorker } from '../../src/index.ts'
import { listen } from '../support/listen.ts'
import { key, openServer, type TestServer } from '../support/open-server.ts'
import { hasRedisServer, type RedisServer, startRedisServer } from '../support/redis-server.ts'

const quiet = { info() {}, warn() {}, error() {} }
let dir: string
let redis: RedisServer

beforeAll(async () => {
  if (!hasRedisServer) return
  dir = await mkdtemp(join(tmpdir(), 'nobg-away-'))
  redis = await startRedisServer(dir)
})

afterAll(async () => {
  if (!hasRedisServer) return
  await redis.kill()
  await rm(dir, { recursive: true, force: true })
})

const readStatus = async ({ url }: TestServer, path: string, init: RequestInit = {}) => {
  const address = new URL(path, url)
  return (await fetch(address, { headers: { authorization: `Key ${key}` }, ...init })).status
}
const begin = (it: TestServer) =>
  fetch(`${it.url}/rest.fal.ai/storage/upload/initiate`, {
    method: 'POST',
    headers: { authorization: `Key ${key}` },
  })

test.skipIf(!hasRedisServer)(
  'without Redis uploads and files are answered 503, /readyz says so, and /metrics has no depth (skipped without redis-server)',
  async () => {
    const errors: object[] = []
    const error = (facts: object) => void errors.push(facts)
    await using it = await openServer({ redis: redis.url, logger: { ...quiet, error } })
    const { upload_url, file_url } = (await (await begin(it)).json()) as Record<string, string>
    const body = 'a'.repeat(20_000)
    expect(await readStatus(it, upload_url, { method: 'PUT', body })).toBe(200)
    expect([await readStatus(it, '/readyz'), await readStatus(it, file_url)]).toEqual([200, 200])

    await redis.kill()
    expect((await begin(it)).status).toBe(503)
    expect(await readStatus(it, upload_url, { method: 'PUT', body })).toBe(503)
    expect(await readStatus(it, `${upload_url}/1`, { method: 'PUT', body })).toBe(503)
    const parts = JSON.stringify({ parts: [{ partNumber: 1 }] })
    expect(await readStatus(it, `${upload_url}/complete`, { method: 'POST', body: parts })).toBe(503)
    expect(await readStatus(it, file_url)).toBe(503)
    expect(await readStatus(it, '/queue.fal.run/fal-ai/birefnet', { method: 'POST', body: '{}' })).toBe(503)
    expect(await readStatus(it, '/readyz')).toBe(503)
    const metrics = await fetch(`${it.url}/metrics`, { headers: { authorization: `Key ${key}` } })
    const text = await metrics.text()
    expect([metrics.status, /^nobg_queue_requests\{/m.test(text)]).toEqual([200, false])
    expect(text).toMatch(/^process_resident_memory_bytes \d/m)
    expect(JSON.stringify(errors)).not.toContain('aaaaaaaa')

    await redis.start()
    while ((await readStatus(it, '/readyz')) !== 200);
    expect(
      await (await fetch(`${it.url}/metrics`, { headers: { authorization: `Key ${key}` } })).text(),
    ).toMatch(/^nobg_queue_requests\{state="waiting"\} 0$/m)
    while ((await begin(it)).status !== 200);
  },
)

test.skipIf(!hasRedisServer)(
  'a Redis whose user may run no scripts is not ready (skipped without redis-server)',
  async () => {
    const client = new Redis(redis.url)
    onTestFinished(() => client.disconnect())
    const rights = ['on', '>pw', '~*', '&*', '+@all', '-eval', '-evalsha']
    await client.acl('SETUSER', 'limited', ...rights)
    await using it = await openServer({ redis: redis.url.replace('://', '://limited:pw@') })
    expect(await (await fetch(`${it.url}/readyz`)).json()).toEqual({
      status: 'not ready',
      detail: 'Redis takes no writes.',
    })
  },
)

test.skipIf(!hasRedisServer)(
  'a Redis user who loses rights: 503 for calls, and a clear line in the log (skipped without redis-server)',
  async () => {
    const client = new Redis(redis.url)
    onTestFinished(() => client.disconnect())
    await client.acl('SETUSER', 'losing', 'on', '>secretpw', '~*', '&*', '+@all')
    const errors: object[] = []
    const error = (facts: object) => void errors.push(facts)
    const address = redis.url.replace('://', '://losing:secretpw@')
    await using it = await openServer({ redis: address, logger: { ...quiet, error } })
    await client.acl('SETUSER', 'losing', '-@write', '-@scripting')
    for (const path of ['/queue.fal.run/fal-ai/birefnet', '/rest.fal.ai/storage/upload/initiate'])
      expect([path, await readStatus(it, path, { method: 'POST', body: '{"image_url":"data:,a"}' })]).toEqual(
        [path, 503],
      )
    const log = JSON.stringify(errors)
    expect(log).toContain('NOPERM')
    expect(log).not.toContain('secretpw')
    await client.acl('SETUSER', 'losing', '+@all')
    expect((await begin(it)).status).toBe(200)
  },
)

test.skipIf(!hasRedisServer)(
  'a Redis user without rights ends the start of a server with one clear error (skipped without redis-server)',
  async () => {
    const client = new Redis(redis.url)
    onTestFinished(() => client.disconnect())
    await client.acl('SETUSER', 'poor', 'on', '>secretpw', '~other:*', '&*', '+@all')
    const address = redis.url.replace('://', '://poor:secretpw@')
    const failures = [
      await createServer({ redis: address, logger: quiet }).catch(error => error),
      await createServer({ redis: `${address}/99`, logger: quiet }).catch(error => error),
    ]
    for (const failure of failures) {
      expect([failure.code, failure.message]).toEqual([
        'INVALID_OPTION',
        expect.stringMatching(/^redis: .*(NOPERM|out of range)/),
      ])
      expect(JSON.stringify([failure, failure.message, failure.hint])).not.toContain('secretpw')
    }
  },
)

test.skipIf(!hasRedisServer)(
  'a Redis that takes no writes is not ready (skipped without redis-server)',
  async () => {
    await using it = await openServer({ redis: redis.url })
    const client = new Redis(redis.url)
    onTestFinished(() => client.disconnect())
    await client.config('SET', 'maxmemory-policy', 'noeviction')
    await client.config('SET', 'maxmemory', '1')
    expect(await (await fetch(`${it.url}/readyz`)).json()).toEqual({
      status: 'not ready',
      detail: 'Redis takes no writes.',
    })
    expect((await begin(it)).status).toBe(507)
    await client.config('SET', 'maxmemory', '0')
    expect(await readStatus(it, '/readyz')).toBe(200)
  },
)

test.skipIf(!hasRedisServer)(
  'a worker waits for Redis at its start, and stops waiting when it is told to (skipped without redis-server)',
  async () => {
    await redis.kill()
    const warnings: object[] = []
    const stop = new AbortController()
    const worker = createWorker({ redis: redis.url, logger: quiet })
    let stopped: Promise<unknown> | undefined
    await new Promise<void>(resolve => {
      const warn = (facts: object) => resolve(void warnings.push(facts))
      stopped = createWorker({ redis: redis.url, logger: { ...quiet, warn }, signal: stop.signal })
    })
    stop.abort(new Error('stopped'))
    await expect(stopped).rejects.toThrow('stopped')
    expect(warnings).toEqual([{ reason: expect.stringContaining(new URL(redis.url).host) }])
    await redis.start()
    await (await worker).close()
  },
)

test.skipIf(!hasRedisServer)(
  'a worker does not wait for a Redis that refuses its password (skipped without redis-server)',
  async () => {
    const address = redis.url.replace('redis://', 'redis://nobody:wrong@')
    const failure = await createWorker({ redis: address, logger: quiet }).catch(error => error)
    expect(failure).toMatchObject({ code: 'INVALID_OPTION' })
    expect(failure.message).not.toContain('wrong@')
  },
)

test.skipIf(!hasRedisServer)(
  'a worker closes, although Redis was restarted during its run (skipped without redis-server)',
  async () => {
    await using it = await openServer({ redis: redis.url, logger: quiet })
    const { asked, address } = await openSilentHost()
    const worker = await createWorker({
      redis: redis.url,
      engine: { substitute: 'u2netp', cacheDir: join(dir, 'cache') },
      logger: quiet,
      allowHosts: ['127.0.0.1'],
      maxCloseSeconds: 1,
    })
    const body = JSON.stringify({ image_url: address })
    const headers = { authorization: `Key ${key}`, 'content-type': 'application/json' }
    const submitted = await fetch(`${it.url}/queue.fal.run/fal-ai/birefnet`, {
      method: 'POST',
      headers,
      body,
    })
    expect(submitted.status).toBe(200)
    await asked
    await redis.kill()
    await redis.start()
    await worker.close()
  },
)

test.skipIf(!hasRedisServer)(
  'a server and a worker close, although Redis is away (skipped without redis-server)',
  async () => {
    const it = await openServer({ redis: redis.url, logger: quiet })
    const engine = { substitute: 'u2netp', cacheDir: join(dir, 'cache') }
    const worker = await createWorker({ redis: redis.url, engine, logger: quiet, maxCloseSeconds: 1 })
    await redis.kill()
    await Promise.all([it[Symbol.asyncDispose](), worker.close()])
    await redis.start()
  },
)

test.skipIf(!hasRedisServer)(
  'the process of a server and a worker ends after their close, although Redis is away (skipped without redis-server)',
  async () => {
    const source = import.meta.resolve('../../src/index.ts')
    const config = { redis: redis.url, dataDir: join(dir, 'ending'), keys: [key] }
    const script = `
      import { createServer, createWorker } from '${source}'
      const logger = { info() {}, warn() {}, error() {} }
      const server = await createServer({ ...${JSON.stringify(config)}, logger })
      const worker = await createWorker({ redis: '${redis.url}', logger, maxCloseSeconds: 1 })
      process.once('message', async () => {
        await Promise.all([server.close(), worker.close()])
        process.disconnect()
      })
      // After the first calls of BullMQ.
      setTimeout(() => process.send('open'), 1000)
    `
    const path = join(dir, 'ending.mjs')
    await writeFile(path, script)
    const child = fork(path)
    onTestFinished(() => void child.kill('SIGKILL'))
    await once(child, 'message')
    await redis.kill()
    await delay(500)
    child.send('close')
    expect(await once(child, 'exit')).toEqual([0, null])
    await redis.start()
  },
)

/** A host that never answers. */
async function openSilentHost(): Promise<{ asked: Promise<void>; address: string }> {
  let noteAsked = () => {}
  const asked = new Promise<void>(resolve => {
    noteAsked = resolve
  })
  return { asked, address: `http://127.0.0.1:${await listen(() => noteAsked())}/a.png` }
}
