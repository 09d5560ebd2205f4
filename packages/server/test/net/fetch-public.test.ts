import type { RequestListener } from 'node:http'
import type { LookupFunction } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { createFetchPublic } from '../../src/net/fetch-public.ts'
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts'
import { listen } from '../support/listen.ts'

/** Host names and their addresses per lookup; the last one repeats. */
function createLookup(names: Record<string, string[][]>): LookupFunction {
  return (name, options, done) => {
    const answers = names[name]
    if (!answers)
      return done(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' }), [])
    const found = (answers.length > 1 ? answers.shift() : answers[0])?.map(address => ({
      address,
      family: 4,
    }))
    if (options.all) done(null, found ?? [])
    else done(null, found?.[0].address ?? '', 4)
  }
}

/** A fetch and a server; `url` has the allowed host `here`. */
async function open(
  answer: RequestListener,
  { names = {}, wholeMs = 60_000 }: { names?: Record<string, string[][]>; wholeMs?: number } = {},
) {
  let asked = 0
  const port = await listen((request, response) => {
    asked += 1
    answer(request, response)
  })
  const lookup = createLookup({ here: [['127.0.0.1']], ...names })
  const guardedFetch = createGuardedFetch({ allowHosts: ['here'], lookup })
  onTestFinished(() => guardedFetch.close())
  const fetchPublic = createFetchPublic(guardedFetch, wholeMs)
  const get = (address: string, maxBytes = 1000) =>
    fetchPublic(address, { signal: new AbortController().signal, maxBytes })
  return { get, port, url: `http://here:${port}/`, countAsked: () => asked }
}

const refusal = (message: RegExp, type = 'file_download_error') =>
  expect.objectContaining({ name: 'FetchRefusal', type, message: expect.stringMatching(message) })

test('a file of an allowed host is fetched byte by byte', async () => {
  const { get, url } = await open((_, response) => response.end('bytes'))
  expect(Buffer.from(await get(url)).toString()).toBe('bytes')
})

test.each([
  ['a name of a private address', [['127.0.0.1']]],
  ['a name of a public and a private address', [['8.8.8.8', '127.0.0.1']]],
  ['a name of no address', [[]]],
])('%s is not connected to', async (_, answers) => {
  const { get, port, countAsked } = await open((_, response) => response.end(), { names: { there: answers } })
  await expect(get(`http://there:${port}/`)).rejects.toEqual(refusal(/there is not on the public internet/))
  expect(countAsked()).toBe(0)
})

test('a name that does not exist and a name of a private address are the same to a client', async () => {
  const { get, port } = await open((_, response) => response.end(), { names: { there: [['127.0.0.1']] } })
  const describe = async (name: string) => {
    const { type, message, context } = await get(`http://${name}:${port}/`).catch(error => error)
    return { type, message: message.replace(name, 'name'), context }
  }
  expect(await describe('there')).toMatchObject({ type: 'file_download_error' })
  expect(await describe('nowhere')).toEqual(await describe('there'))
})

test('the address at the time of the connection is checked', async () => {
  // Public at the first lookup, which a check before the connection would see.
  const answers = [['0.0.0.0'], ['127.0.0.1']]
  const { get, port, countAsked } = await open((_, response) => response.end(), { names: { there: answers } })
  for (const _ of [1, 2])
    await expect(get(`http://there:${port}/`)).rejects.toEqual(refusal(/not on the public internet/))
  expect(answers).toHaveLength(1)
  expect(countAsked()).toBe(0)
})

test("localhost is refused by this machine's own resolver", async () => {
  const guardedFetch = createGuardedFetch({ allowHosts: [] })
  onTestFinished(() => guardedFetch.close())
  const get = createFetchPublic(guardedFetch)
  const settings = { signal: new AbortController().signal, maxBytes: 1 }
  await expect(get('http://localhost:2/', settings)).rejects.toEqual(
    refusal(/localhost is not on the public/),
  )
})

test.each([
  ['an address in digits', (port: number) => `http://127.0.0.1:${port}/`, /127.0.0.1 is not on the public/],
  ['another spelling', (port: number) => `http://0x7f000001:${port}/`, /127.0.0.1 is not on the public/],
  ['the metadata of a cloud', () => 'http://169.254.169.254/latest/', /169.254.169.254 is not on the public/],
  ['a name', (port: number) => `http://there:${port}/`, /there is not on the public/],
  ['a file', () => 'file:///etc/passwd', /Expected an http or https URL/],
  ['nothing that is an address', () => 'http://[', /Expected an http or https URL/],
])('a redirect to %s is not followed', async (_, locate, message) => {
  const { get, url, port, countAsked } = await open(
    (_, response) => response.writeHead(302, { location: locate(port) }).end(),
    { names: { there: [['127.0.0.1']] } },
  )
  await expect(get(url)).rejects.toEqual(refusal(message))
  expect(countAsked()).toBe(1)
})

test('too many redirects are refused', async () => {
  const { get, url, countAsked } = await open((_, response) =>
    response.writeHead(307, { location: '/' }).end(),
  )
  await expect(get(url)).rejects.toEqual(refusal(/redirects more than 5 times/))
  expect(countAsked()).toBe(6)
})

test.each<[string, RequestListener]>([
  ['says so', (_, response) => void response.writeHead(200, { 'content-length': 2 ** 40 }).write('a')],
  [
    'does not end',
    async (_, response) => {
      while (!response.destroyed) {
        response.write('a'.repeat(500))
        await setImmediate()
      }
    },
  ],
  [
    'is small until it is unpacked',
    (_, response) =>
      void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(5e6))),
  ],
])('a body that is too large and %s is refused', async (_, answer) => {
  const { get, url } = await open(answer)
  await expect(get(url, 10_000)).rejects.toEqual(refusal(/more than 10000 bytes/, 'file_too_large'))
})

test('a body that is sent byte by byte ends with the timeout of the fetch', async () => {
  const { get, url } = await open(
    (_, response) => {
      const drip = setInterval(() => response.write('a'), 20)
      response.on('close', () => clearInterval(drip))
    },
    { wholeMs: 200 },
  )
  await expect(get(url)).rejects.toEqual(refusal(/took too long/))
})

test.each([
  ['an error', (url: string) => url, /The URL answers with status 404/],
  ['no server', () => 'http://here:2/', /cannot be fetched: ECONNREFUSED/],
  ['a port of another protocol', () => 'http://here:25/', /cannot be fetched: bad port/],
])('%s is reported with a short cause', async (_, locate, message) => {
  const { get, url } = await open((_, response) => response.writeHead(404).end())
  await expect(get(locate(url))).rejects.toEqual(refusal(message))
})
