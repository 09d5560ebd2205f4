import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findTarget, parseTarget } from '../../src/http/target.ts'
import { key, openServer, type TestServer } from '../support/open-server.ts'

let it: TestServer

beforeAll(async () => {
  it = await openServer()
})

afterAll(() => it[Symbol.asyncDispose]())

test.each([
  ['https://fal.run/fal-ai/birefnet', 'run', '/fal-ai/birefnet'],
  ['https://queue.fal.run/a?b=c%2F', 'queue', '/a?b=c%2F'],
  ['https://rest.fal.ai/tokens/', 'rest', '/tokens/'],
  ['https://rest.alpha.fal.ai/tokens/', 'rest', '/tokens/'],
  ['https://v3.fal.media/files/upload', 'cdn', '/files/upload'],
  ['https://fal.run//', 'run', '//'],
])('%s is %s', (address, service, path) => {
  expect(parseTarget(address)).toEqual({ service, path })
})

const lookAlikes = [
  'http://fal.run/',
  'https://fal.run',
  'https://fal.run.evil.example/',
  'https://evil.example/fal.run/',
  'https://evil.example#https://fal.run/',
  'https://fal.run@evil.example/',
  'https://evil.example@fal.run/',
  'https://fal.run:443/',
  'https://fal.run:8443/',
  'https://fal.run./',
  'https://FAL.RUN/',
  'https://xfal.run/',
  'https://x.fal.run/',
  'https://fal.run\\evil.example/',
  'https:\\\\fal.run/',
  'https:fal.run/',
  'https:///fal.run/',
  'https://ｆal.run/',
  'https://fal。run/',
  'https://fal%2erun/',
  ' https://fal.run/',
  '//fal.run/',
  'fal.run/',
  'https://constructor/',
  'https://127.0.0.1/',
  'https://169.254.169.254/latest/',
  'wss://fal.run/',
  'javascript:0',
  '',
]

test.each([...lookAlikes, undefined])('%s is no target', address => {
  expect(parseTarget(address)).toBeUndefined()
})

const call = (path: string, init: RequestInit = {}) =>
  fetch(`${it.url}${path}`, { ...init, headers: { authorization: `Key ${key}`, ...init.headers } })

test('the proxy route refuses similar hosts in JSON for every method', async () => {
  for (const [index, address] of lookAlikes
    .filter(address => /^(?! )[\x20-\x7e]*$/.test(address))
    .entries()) {
    const method = ['GET', 'POST', 'PUT'][index % 3]
    const response = await call('/api/fal/proxy', { method, headers: { 'x-fal-target-url': address } })
    expect([address, response.status]).toEqual([address, 400])
    expect(await response.json()).toEqual({ detail: expect.stringContaining('x-fal-target-url') })
  }
})

test.each([
  ['https://fal.run//'],
  ['https://fal.run//evil.example/fal-ai/birefnet'],
  ['https://fal.run/http://evil.example/'],
  ['https://fal.run/../../etc/passwd'],
  ['https://fal.run/%2e%2e/%2e%2e/etc/passwd'],
  ['https://fal.run/..\\..\\etc\\passwd'],
  ['https://fal.run/api/fal/proxy'],
  ['https://fal.run/files/x/y'],
  ['https://fal.run/fal-ai/birefnet, https://fal.run/'],
  ['https://queue.fal.run/fal-ai/birefnet/requests/..%2f..%2frecords'],
  ['https://queue.fal.run/fal-ai/birefnet/requests/a:b/status'],
  ['https://queue.fal.run/fal-ai/birefnet/requests/__proto__'],
  ['https://queue.fal.run/fal-ai/birefnet/requests/%00'],
  ['https://queue.fal.run/fal-ai/birefnet/requests/%ff'],
])('%s is not a target', async address => {
  const response = await call('/api/fal/proxy', { headers: { 'x-fal-target-url': address } })
  expect([response.status, await response.json()]).toEqual([404, { detail: expect.any(String) }])
})

test.each([
  '/constructor/x',
  '/__proto__/x',
  '/FAL.RUN/fal-ai/birefnet',
  '/fal.run//fal-ai/birefnet',
  '/fal.run%2ffal-ai/birefnet',
  '/queue.fal.run/fal-ai/birefnet/requests/%2e%2e%2f%2e%2e%2fkeys',
  '/x/../../../etc/passwd',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/..%5c..%5cetc%5cpasswd',
])('%s is not found', async path => {
  expect((await call(path)).status).toBe(404)
})

test('a host in the path or in Host is exactly one of the four', () => {
  expect(findTarget(new URL('http://x/fal.run'), undefined)).toEqual({ service: 'run', path: '/' })
  expect(findTarget(new URL('http://x/a?b'), 'Queue.fal.run')).toEqual({ service: 'queue', path: '/a?b' })
  for (const host of ['constructor', '__proto__', 'fal.run.', 'fal.run:1', 'x.fal.run', ''])
    expect(findTarget(new URL('http://x/a'), host)).toBeUndefined()
})

test.each([
  ['GET http://evil.example/x HTTP/1.1\r\nHost: evil.example', /^HTTP\/1.1 404/],
  ['CONNECT evil.example:80 HTTP/1.1\r\nHost: evil.example', /^$/],
  ['GET //evil.example/x HTTP/1.1\r\nHost: a', /^HTTP\/1.1 404/],
  ['GET /x HTTP/1.1\r\nHost: a\r\nHost: b', /^HTTP\/1.1 4/],
  ['GET /metrics HTTP/1.1\r\nHost: a/b', /^HTTP\/1.1 4/],
  [
    'GET /api/fal/proxy HTTP/1.1\r\nHost: a\r\nx-fal-target-url: https://fal.run/\r\nx-fal-target-url: https://a/',
    /^HTTP\/1.1 4/,
  ],
])('%j is not forwarded', async (head, answer) => {
  const socket = connect(Number(new URL(it.url).port), '127.0.0.1')
  socket.end(`${head}\r\nConnection: close\r\n\r\n`)
  expect(await text(socket)).toMatch(answer)
})
