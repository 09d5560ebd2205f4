import { createHash, createPublicKey, type JsonWebKey, verify } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import type { IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createStorage } from 'unstorage'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts'
import type { CutoutRequest, Outcome } from '../../src/requests/request.ts'
import { createPostPublic } from '../../src/webhooks/post-public.ts'
import { createKeyFile, openSigningKey } from '../../src/webhooks/signing-key.ts'
import { createWebhooks } from '../../src/webhooks/webhooks.ts'
import { listen } from '../support/listen.ts'
import { openServer, type TestServer } from '../support/open-server.ts'

const app = 'fal-ai/birefnet'

interface Post {
  path: string
  body: string
  headers: IncomingHttpHeaders
}

/** A receiver; `answers` are its statuses in order, the last one repeats. `wait(n)` resolves with the first n posts. */
async function receive(...answers: (number | 'silence')[]) {
  const posts: Post[] = []
  let notice = () => {}
  const port = await listen(async (request, response) => {
    posts.push({ path: request.url ?? '', headers: request.headers, body: await text(request) })
    const answer = answers[Math.min(posts.length, answers.length) - 1]
    if (answer !== 'silence') response.writeHead(answer, { location: '/elsewhere' }).end()
    notice()
  })
  const wait = async (count: number) => {
    while (posts.length < count) await new Promise<void>(resolve => (notice = resolve))
    return posts
  }
  return { url: `http://127.0.0.1:${port}/hook?token=a%26b&c=d`, posts, wait }
}

let it: TestServer
let dot: string
let published: JsonWebKey[]

beforeAll(async () => {
  it = await openServer({ allowHosts: ['127.0.0.1'] })
  published = await readKeys(it.url)
  const photo = join(import.meta.dirname, '../../../../examples/vite/src/photos/coffee.png')
  dot = `data:image/png;base64,${(await readFile(photo)).toString('base64')}`
})

afterAll(() => it[Symbol.asyncDispose]())

async function readKeys(url: string): Promise<JsonWebKey[]> {
  const answer = (await (await fetch(`${url}/.well-known/jwks.json`)).json()) as { keys: JsonWebKey[] }
  return answer.keys
}

/** Verifies a signature as fal's documentation says. */
function isSigned({ headers, body }: Post, keys = published): boolean {
  const [id, user, timestamp, signature] = ['request-id', 'user-id', 'timestamp', 'signature'].map(name =>
    String(headers[`x-fal-webhook-${name}`]),
  )
  expect(signature).toMatch(/^[\da-f]{128}$/)
  expect(Math.abs(Date.now() / 1000 - Number(timestamp))).toBeLessThan(300)
  const message = [id, user, timestamp, createHash('sha256').update(body).digest('hex')].join('\n')
  const key = createPublicKey({ key: keys[0], format: 'jwk' })
  return verify(null, Buffer.from(message), key, Buffer.from(signature, 'hex'))
}

test('a success is posted once and signed', async () => {
  const { url, posts, wait } = await receive(200)
  const { request_id } = await it.fal.queue.submit(app, { input: { image_url: dot }, webhookUrl: url })
  const [post] = await wait(1)
  expect(post).toMatchObject({
    path: '/hook?token=a%26b&c=d',
    headers: { 'content-type': 'application/json' },
  })
  const { data } = await it.fal.queue.result(app, { requestId: request_id })
  expect(JSON.parse(post.body)).toEqual({
    request_id,
    gateway_request_id: request_id,
    status: 'OK',
    payload: data,
    error: null,
    payload_error: null,
  })
  expect(post.headers['x-fal-webhook-request-id']).toBe(request_id)
  expect(isSigned(post)).toBe(true)
  expect(isSigned({ ...post, body: post.body.replace('OK', 'KO') })).toBe(false)
  expect(posts).toHaveLength(1)
})

test('a failure is posted and signed', async () => {
  const { url, wait } = await receive(200)
  const image_url = 'data:image/png;base64,AAAA'
  const { request_id } = await it.fal.queue.submit(app, { input: { image_url }, webhookUrl: url })
  const [post] = await wait(1)
  const failure = await it.fal.queue.result(app, { requestId: request_id }).catch(error => error)
  expect(failure).toMatchObject({ name: 'ValidationError', status: 422 })
  expect(JSON.parse(post.body)).toMatchObject({
    status: 'ERROR',
    error: 'Invalid status code: 422',
    payload: failure.body,
  })
  expect(isSigned(post)).toBe(true)
})

test('a cancelled request is never posted as OK', async () => {
  const { url, wait } = await receive(200)
  const submit = () => it.fal.queue.submit(app, { input: { image_url: dot }, webhookUrl: url })
  const ids = (await Promise.all([submit(), submit(), submit(), submit()])).map(
    ({ request_id }) => request_id,
  )
  const cancelled: string[] = []
  for (const requestId of ids)
    await it.fal.queue.cancel(app, { requestId }).then(
      () => cancelled.push(requestId),
      () => {},
    )
  for (const { body } of await wait(4)) {
    const { request_id, status } = JSON.parse(body)
    expect([request_id, status]).toEqual([request_id, cancelled.includes(request_id) ? 'ERROR' : 'OK'])
  }
  expect(cancelled).not.toEqual([])
})

test('a receiver that does not answer delays no other request', async () => {
  const { url, wait } = await receive('silence')
  await it.fal.queue.submit(app, { input: { image_url: dot }, webhookUrl: url })
  await wait(1)
  expect((await it.fal.run(app, { input: { image_url: dot } })).data).toMatchObject({ image: { width: 600 } })
})

test.each(['ftp://a/', 'file:///etc/passwd', 'nothing', 'http://user:word@a/'])(
  '%s is refused as the address of a webhook',
  async webhookUrl => {
    const submitted = it.fal.queue.submit(app, { input: { image_url: dot }, webhookUrl })
    await expect(submitted).rejects.toMatchObject({
      status: 422,
      body: { detail: [{ loc: ['query', 'fal_webhook'] }] },
    })
  },
)

test('only the owner can read the key', async () => {
  const path = join(it.dataDir, 'webhook-key.pem')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect((await stat(it.dataDir)).mode & 0o777).toBe(0o700)
  expect((await openSigningKey(createKeyFile(path))).jwks).toEqual(
    (await openSigningKey(createKeyFile(path))).jwks,
  )
})

test('the key is in dataDir, also if files are stored elsewhere', async () => {
  const storage = createStorage()
  await using other = await openServer({ storage })
  expect((await stat(join(other.dataDir, 'webhook-key.pem'))).mode & 0o777).toBe(0o600)
  expect(await storage.getKeys()).toEqual([])
})

const outcome = { status: 200, body: {} }
const quick = { retries: 3, minTimeout: 1, factor: 1, maxTimeout: 1 }

/** Opens webhooks that retry at once. */
async function open({ allowHosts = ['127.0.0.1'], answerMs = 15_000, schedule = quick } = {}) {
  const guardedFetch = createGuardedFetch({ allowHosts })
  onTestFinished(() => guardedFetch.close())
  const key = await openSigningKey(createKeyFile(join(it.dataDir, 'webhook-key.pem')))
  const givenUp: string[] = []
  const readBody = async ({ body }: Outcome) => body
  const note = (_: CutoutRequest, { message }: Error) => void givenUp.push(message)
  const webhooks = createWebhooks(key, createPostPublic(guardedFetch, answerMs), readBody, note, schedule)
  const deliver = (webhookUrl: string) =>
    webhooks.deliver({ id: 'the-id', app, input: {}, priority: 'normal', createdAt: 0, webhookUrl }, outcome)
  return { deliver, givenUp, close: webhooks.close }
}

test.each([
  ['500 and 503', [500, 503, 204]],
  ['silence', ['silence', 200]],
  ['a redirect, which is not followed,', [302, 308, 200]],
] as const)('after %s it is posted again, and no more after a 2xx', async (_, answers) => {
  const { url, posts } = await receive(...answers)
  const { deliver, givenUp } = await open({ answerMs: 300 })
  await deliver(url)
  expect(posts).toHaveLength(answers.length)
  for (const post of posts) {
    expect(post).toMatchObject({ path: '/hook?token=a%26b&c=d', body: posts[0].body })
    expect(post.headers['x-fal-webhook-request-id']).toBe('the-id')
    expect(isSigned(post)).toBe(true)
  }
  expect(givenUp).toEqual([])
})

test('each attempt has a new signature', async () => {
  const { url, posts } = await receive(500, 200)
  const { deliver } = await open({ schedule: { ...quick, minTimeout: 1001, maxTimeout: 1001 } })
  await deliver(url)
  const [first, second] = posts.map(({ headers }) => Number(headers['x-fal-webhook-timestamp']))
  expect(second).toBeGreaterThan(first)
})

test('a webhook is given up after the last attempt', async () => {
  const { url, posts } = await receive(500)
  const { deliver, givenUp } = await open()
  await deliver(url)
  expect(posts).toHaveLength(4)
  expect(givenUp).toEqual(['Expected a 2xx from the webhook, got 500.'])
})

test('a private address is refused without a retry', async () => {
  const { url, posts } = await receive(200)
  const { deliver, givenUp } = await open({ allowHosts: [] })
  await deliver(url)
  await deliver(url.replace('127.0.0.1', 'localhost'))
  expect(posts).toEqual([])
  expect(givenUp).toEqual([
    '127.0.0.1 is not on the public internet.',
    'localhost is not on the public internet.',
  ])
})

test('after a close the next server delivers', async () => {
  const { url, wait } = await receive(500, 200)
  const first = await openServer({ allowHosts: ['127.0.0.1'] })
  onTestFinished(() => first[Symbol.asyncDispose]())
  const { request_id } = await first.fal.queue.submit(app, {
    input: { image_url: 'data:,' },
    webhookUrl: url,
  })
  await wait(1)
  await first.server.close()
  const second = await openServer({ allowHosts: ['127.0.0.1'], dataDir: first.dataDir })
  onTestFinished(() => second[Symbol.asyncDispose]())
  const [, post] = await wait(2)
  expect(JSON.parse(post.body)).toMatchObject({ request_id, status: 'ERROR' })
  expect(isSigned(post, await readKeys(second.url))).toBe(true)
})
