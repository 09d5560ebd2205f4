import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createServer, createWorker, type ServerConfig } from '../../src/index.ts'
import { listen } from '../support/listen.ts'
import { createClient, key } from '../support/open-server.ts'
import { drawCup } from '../support/pictures.ts'
import { hasRedisServer, startRedisServer } from '../support/redis-server.ts'

const app = 'fal-ai/birefnet'
const quiet = { info() {}, warn() {}, error() {} }
let dir: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-streams-'))
})

afterAll(() => rm(dir, { recursive: true, force: true }))

const engine = () => ({
  substitute: 'u2netp',
  cacheDir: join(dir, 'cache'),
  download: false,
  logger: quiet,
})

async function serve(config: ServerConfig, port = 0) {
  const allowHosts = ['127.0.0.1']
  const own = { keys: [key], allowHosts, logger: quiet, maxCloseSeconds: 1, engine: engine() }
  const server = await createServer({ ...own, ...config })
  onTestFinished(() => server.close())
  return { server, url: await server.listen({ port }) }
}

/** A host of a picture that answers nothing until `letGo`. */
async function openSlowHost() {
  const bytes = await drawCup()
  let isOpen = false
  let noteAsked = () => {}
  const asked = new Promise<void>(resolve => {
    noteAsked = resolve
  })
  const answers: (() => void)[] = []
  const port = await listen((_, response) => {
    noteAsked()
    const answer = () => void response.end(bytes)
    if (isOpen) answer()
    else answers.push(answer)
  })
  const letGo = () => {
    isOpen = true
    for (const answer of answers) answer()
  }
  return { image_url: `http://127.0.0.1:${port}/a.png`, asked, letGo }
}

test('a streaming client gets its result, although the server restarts meanwhile', async () => {
  const dataDir = join(dir, 'restart')
  const { server, url } = await serve({ dataDir })
  const host = await openSlowHost()
  const { image_url } = host
  const subscribed = createClient(url).subscribe(app, { mode: 'streaming', input: { image_url } })
  await host.asked
  await server.close()
  await serve({ dataDir }, Number(new URL(url).port))
  host.letGo()
  expect((await subscribed).data).toMatchObject({ image: { width: 150 } })
})

test('the result of a request whose stream was not cut is 400 while it runs', async () => {
  const { url } = await serve({ dataDir: join(dir, 'uncut') })
  const { image_url, asked, letGo } = await openSlowHost()
  const { request_id: requestId } = await createClient(url).queue.submit(app, { input: { image_url } })
  await asked
  const result = `${url}/queue.fal.run/${app}/requests/${requestId}`
  expect((await fetch(result, { headers: { authorization: `Key ${key}` } })).status).toBe(400)
  letGo()
})

test.skipIf(!hasRedisServer)(
  'a streaming client gets its result, although Redis and the server restart meanwhile (skipped without redis-server)',
  async () => {
    const redis = await startRedisServer(dir, true)
    onTestFinished(() => redis.kill())
    const { server, url } = await serve({ redis: redis.url })
    const limits = { allowHosts: ['127.0.0.1'], concurrency: 2, takeoverMs: 60_000 }
    const worker = await createWorker({ redis: redis.url, engine: engine(), logger: quiet, ...limits })
    onTestFinished(() => worker.close())
    const client = createClient(url)
    const subscribe = async () => {
      const { image_url, asked, letGo } = await openSlowHost()
      const seen: string[] = []
      const onQueueUpdate = ({ status }: { status: string }) => void seen.push(status)
      const subscribed = client.subscribe(app, { mode: 'streaming', input: { image_url }, onQueueUpdate })
      // A refused submit fails the test instead of waiting for the host.
      await Promise.race([asked, subscribed])
      // Once the stream is open: fal's client does not retry its opening.
      await expect.poll(() => seen.length, { timeout: 30_000 }).toBeGreaterThan(0)
      return { subscribed, letGo, seen }
    }
    const one = await subscribe()
    await redis.kill()
    await redis.start()
    one.letGo()
    expect((await one.subscribed).data).toMatchObject({ image: { width: 150 } })
    // The stream has not ended meanwhile.
    expect(one.seen.at(-1)).toBe('COMPLETED')

    while ((await fetch(`${url}/readyz`)).status !== 200);
    const other = await subscribe()
    await server.close()
    await serve({ redis: redis.url }, Number(new URL(url).port))
    other.letGo()
    expect((await other.subscribed).data).toMatchObject({ image: { width: 150 } })
  },
)
