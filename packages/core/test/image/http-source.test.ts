import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test, vi } from 'vitest'
import { readSource } from '../../src/image/source.ts'

const bytes = Buffer.from(Array.from({ length: 5000 }, (_, i) => i % 251))
const digest = createHash('sha256').update(bytes).digest('hex')
let requests: IncomingMessage[] = []
let closed: Promise<unknown>[] = []

const routes: Record<string, (response: ServerResponse) => unknown> = {
  '/a/cat%20photo.jpg': response => response.setHeader('content-type', 'image/jpeg').end(bytes),
  '/octets': response => response.setHeader('content-type', 'application/octet-stream').end(bytes),
  '/gzip.png': response => response.setHeader('content-encoding', 'gzip').end(gzipSync(bytes)),
  '/moved': response => response.writeHead(302, { location: '/a/cat%20photo.jpg' }).end(),
  '/loop': response => response.writeHead(302, { location: '/loop' }).end(),
  '/to-file': response => response.writeHead(302, { location: 'file:///etc/hosts' }).end(),
  '/page': response => response.setHeader('content-type', 'text/html; charset=utf-8').end('<html></html>'),
  '/empty': response => response.end(),
  '/forbidden': response => response.writeHead(403).end('no'),
  '/broken': response => response.writeHead(500).end('no'),
  '/announced': response => response.writeHead(200, { 'content-length': 1e9 }).write('x'),
  // One chunk, then nothing.
  '/stuck': response => response.write(bytes.subarray(0, 100)),
  '/cut': response => {
    response.writeHead(200, { 'content-length': bytes.length }).write(bytes.subarray(0, 100))
    setTimeout(() => response.destroy(), 50)
  },
  '/endless': response => {
    const write = () => response.writable && response.write(bytes, () => setImmediate(write))
    write()
  },
  '/silent': () => {},
}

const server = createServer((request, response) => {
  requests.push(request)
  closed.push(once(response, 'close'))
  const route = routes[new URL(request.url ?? '', 'http://localhost').pathname]
  if (route) route(response)
  else response.writeHead(404).end('nothing here')
})
let origin: string
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
beforeEach(() => {
  requests = []
  closed = []
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

/** Returns a port on which no server listens. */
async function findClosedPort(): Promise<number> {
  const probe = createServer()
  await once(probe.listen(0, '127.0.0.1'), 'listening')
  const { port } = probe.address() as AddressInfo
  await once(probe.close(), 'close')
  return port
}

describe('an image is fetched', () => {
  test.each([
    ['/a/cat%20photo.jpg', 'cat-photo'],
    ['/a/cat%20photo.jpg?width=100#top', 'cat-photo'],
    ['/moved', 'cat-photo'],
    ['/octets', 'octets'],
    ['/gzip.png', 'gzip'],
  ])('%s', async (path, name) => {
    const source = await readSource(origin + path)
    expect(source).toMatchObject({ digest, name })
    expect(source.path).toBeUndefined()
    expect(Buffer.compare(await source.bytes(), bytes)).toBe(0)
  })

  it('accepts a URL object', async () => {
    expect(await readSource(new URL('/octets', origin))).toMatchObject({ digest })
  })

  it('sends the credentials of the URL as Basic authorization', async () => {
    await readSource(`${origin.replace('http://', 'http://user:p%40ss@')}/octets`)
    expect(requests[0].headers.authorization).toBe(`Basic ${Buffer.from('user:p@ss').toString('base64')}`)
  })
})

describe('faults', () => {
  test.each([
    ['/missing.png', 'SOURCE_NOT_FOUND', /got 404 Not Found$/],
    ['/forbidden', 'SOURCE_NOT_FOUND', /got 403 Forbidden$/],
    ['/broken', 'SOURCE_NOT_FOUND', /got 500 /],
    ['/loop', 'SOURCE_NOT_FOUND', /redirect/],
    ['/to-file', 'SOURCE_NOT_FOUND', /scheme|redirect/i],
    ['/page', 'UNSUPPORTED_FORMAT', /web page/],
    ['/empty', 'INVALID_SOURCE', /no bytes/],
    ['/announced', 'SOURCE_TOO_LARGE', /1000000000/],
    ['/endless', 'SOURCE_TOO_LARGE', /at most 1000000 bytes/],
    ['/silent', 'SOURCE_TIMEOUT', /for 500 ms/],
    ['/stuck', 'SOURCE_TIMEOUT', /for 500 ms/],
    ['/cut', 'INVALID_SOURCE', /but/],
  ])('%s is %s', async (path, code, message) => {
    const failure = await readSource(origin + path, { maxBytes: 1e6, timeoutMs: 500 }).catch(error => error)
    expect(failure).toMatchObject({ name: 'NobgError', code, message: expect.stringMatching(message) })
    // The connection is closed.
    await Promise.all(closed)
  })

  test('reports an unreachable server', async () => {
    const failure = { code: 'SOURCE_NOT_FOUND', message: expect.stringContaining('ECONNREFUSED') }
    await expect(readSource(`http://127.0.0.1:${await findClosedPort()}/cat.png`)).rejects.toMatchObject(
      failure,
    )
  })

  test.each(['/silent', '/stuck', '/endless'])('an abort ends %s', async path => {
    const controller = new AbortController()
    const reading = readSource(origin + path, { signal: controller.signal })
    setTimeout(() => controller.abort(), 50)
    await expect(reading).rejects.toMatchObject({ code: 'ABORTED' })
    await Promise.all(closed)
  })

  test('prints neither credentials nor the query', async () => {
    const url = `${origin.replace('http://', 'http://user:secret@')}/missing.png?token=secret`
    const failure = await readSource(url).catch(error => error)
    expect(failure.message).toBe(`Expected an image at ${origin}/missing.png?…, got 404 Not Found`)
    const unreachable = await readSource(
      `http://user:secret@127.0.0.1:${await findClosedPort()}/?token=secret`,
    ).catch(error => error)
    expect(
      JSON.stringify([unreachable.message, unreachable.hint, String(unreachable.cause?.cause)]),
    ).not.toContain('secret')
  })
})

describe('a proxy of the environment', () => {
  const asked: string[] = []
  const proxy = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.setHeader('content-type', 'image/jpeg').end(bytes)
  })
  beforeAll(() => once(proxy.listen(0, '127.0.0.1'), 'listening'))
  afterEach(() => vi.unstubAllEnvs())
  afterAll(() => proxy.close())
  const useProxy = (address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`) =>
    vi.stubEnv('http_proxy', address)

  test('is used', async () => {
    useProxy()
    expect((await readSource('http://images.invalid/ada.jpg')).digest).toBe(digest)
    expect(asked.join()).toContain('images.invalid')
  })

  test('is not used for hosts in NO_PROXY', async () => {
    useProxy('http://127.0.0.1:1')
    vi.stubEnv('no_proxy', '127.0.0.1')
    expect((await readSource(`${origin}/octets`)).digest).toBe(digest)
  })

  test('is named in the error if its address is invalid', async () => {
    useProxy('nonsense')
    await expect(readSource(`${origin}/octets`)).rejects.toMatchObject({
      code: 'SOURCE_NOT_FOUND',
      message: expect.stringContaining('proxy of the environment'),
      hint: expect.stringContaining('HTTP_PROXY'),
    })
  })
})
