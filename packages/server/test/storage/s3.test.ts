import { createHash, createHmac } from 'node:crypto'
import dns from 'node:dns'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { SignatureV4 } from '@smithy/signature-v4'
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createTokenFileStore } from '../../src/files/token-file-store.ts'
import { createUploads } from '../../src/files/uploads.ts'
import { openFiles } from '../../src/storage/open-files.ts'
import { listen } from '../support/listen.ts'
import { key, openServer } from '../support/open-server.ts'

/** An implementation of S3 that verifies signatures. It has no types. */
interface S3rver {
  configureBuckets(): Promise<unknown>
  callback(): RequestListener
}
const require = createRequire(import.meta.url)
const S3rver = require('@20minutes/s3rver') as new (options: object) => S3rver

let dir: string
let bucket: Server
let port: number
/** All requests, and their hosts as sent. */
let hosts: (string | undefined)[]
let requests: { method?: string; url?: string; headers: Record<string, unknown> }[]

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-s3-'))
  const options = {
    directory: dir,
    silent: true,
    serviceEndpoint: 'localhost',
    configureBuckets: [{ name: 'pictures' }],
  }
  const s3 = new S3rver(options)
  await s3.configureBuckets()
  const answer = s3.callback()
  bucket = createServer(async (request, response) => {
    requests.push(request)
    hosts.push(request.headers.host)
    const { host = '' } = request.headers
    if (host.startsWith('pictures.')) {
      // The implementation has the bucket in the path that it signs, as of version 2 of signatures, so AWS's own signer checks.
      if (request.headers.authorization !== (await sign(request))) return void response.writeHead(403).end()
      delete request.headers.authorization
      request.headers.host = host.replace('pictures.', '')
      request.url = `/pictures${request.url}`
    }
    answer(request, response)
  })
  await once(bucket.listen(0, '127.0.0.1'), 'listening')
  port = (bucket.address() as { port: number }).port
})

/** @returns the `Authorization` of a request by AWS's own signer */
async function sign({ method = '', url = '', headers }: IncomingMessage): Promise<string> {
  const signed = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '')?.[1].split(';') ?? []
  class Sha256 {
    readonly #hash
    constructor(secret?: string | Uint8Array) {
      this.#hash = secret ? createHmac('sha256', secret) : createHash('sha256')
    }
    update(data: string | Uint8Array) {
      this.#hash.update(data)
    }
    async digest() {
      return new Uint8Array(this.#hash.digest())
    }
  }
  const signer = new SignatureV4({
    credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
    region: 'eu-1',
    service: 's3',
    sha256: Sha256 as never,
    uriEscapePath: false,
    applyChecksum: false,
  })
  const [hostname, port] = (headers.host ?? '').split(':')
  const sent = Object.fromEntries(signed.map(name => [name, String(headers[name])]))
  const time = String(headers['x-amz-date']).replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5')
  const request = {
    method,
    hostname,
    port: Number(port),
    protocol: 'http:',
    path: url,
    query: {},
    headers: sent,
  }
  const { headers: own } = await signer.sign(request, { signingDate: new Date(time) })
  return own.authorization
}

afterAll(async () => {
  bucket.close()
  bucket.closeAllConnections()
  await rm(dir, { recursive: true, force: true })
})

beforeEach(() => {
  requests = []
  hosts = []
  // The only key pair that this implementation knows.
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'S3RVER')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'S3RVER')
})

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

const label = { contentType: 'image/png', fileName: 'a.png' }
const MIB = 2 ** 20
const pathAddress = () => `s3://pictures?endpoint=http://127.0.0.1:${port}&region=eu-1`

async function open(address: string) {
  const files = await openFiles({ storage: address, dataDir: '' }, () => {})
  onTestFinished(() => files.close())
  const fileStore = createTokenFileStore(files)
  const limits = { maxUploadBytes: 100 * MIB, maxStoredBytes: Number.POSITIVE_INFINITY }
  return { files, fileStore, uploads: createUploads(files, fileStore, limits) }
}

async function readAll(body: AsyncIterable<Uint8Array> | undefined): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of body ?? []) pieces.push(piece)
  return Buffer.concat(pieces)
}

/** Resolves names below localhost, which not every system does. */
function resolveLocalhost(): void {
  const { lookup } = dns
  vi.spyOn(dns, 'lookup').mockImplementation(((name: string, ...rest: [never, never]) =>
    lookup(name.endsWith('.localhost') ? 'localhost' : name, ...rest)) as typeof lookup)
}

test.each(['path', 'virtual'])(
  'writes, reads, ranges and removals are signed right (%s style)',
  async style => {
    resolveLocalhost()
    const endpoint = style === 'path' ? `http://127.0.0.1:${port}` : `http://s3.localhost:${port}`
    const { fileStore, files } = await open(`s3://pictures?endpoint=${endpoint}&region=eu-1&style=${style}`)
    const bytes = Buffer.alloc(3 * MIB + 5, 'abcdefg')
    const token = await fileStore.put({ bytes, ...label }, 60)
    expect((await fileStore.get(token))?.bytes).toEqual(new Uint8Array(bytes))
    const file = await fileStore.open(token)
    expect(file).toMatchObject({ size: bytes.length, ...label })
    expect((await readAll(file?.body as AsyncIterable<Uint8Array>)).equals(bytes)).toBe(true)
    const ranges = requests.map(({ headers }) => headers.range).filter(Boolean)
    expect(ranges).toEqual([
      `bytes=0-${MIB - 1}`,
      `bytes=${MIB}-${2 * MIB - 1}`,
      `bytes=${2 * MIB}-${3 * MIB - 1}`,
      `bytes=${3 * MIB}-${3 * MIB + 4}`,
    ])
    await fileStore.delete(token)
    expect(await fileStore.get(token)).toBeUndefined()
    expect(await files.streams?.measure(`files:${token}`)).toBeUndefined()
    // A second removal is no error.
    await fileStore.delete(token)
    expect(new Set(hosts)).toEqual(
      new Set([style === 'path' ? `127.0.0.1:${port}` : `pictures.s3.localhost:${port}`]),
    )
  },
)

test('a body is streamed to the bucket, and parts are joined there', async () => {
  const { fileStore, uploads } = await open(pathAddress())
  const { uploadToken, fileToken } = await uploads.begin({ content_type: 'image/png' }, 60)
  const parts = [Buffer.alloc(2 * MIB, 1), Buffer.alloc(7, 2)]
  async function* split(bytes: Buffer) {
    for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
  }
  for (const [index, part] of parts.entries())
    await uploads.putPart(uploadToken, index + 1, { size: part.length, pieces: split(part) })
  expect(await uploads.complete(uploadToken, [1, 2])).toBe(true)
  expect(Buffer.from((await fileStore.get(fileToken))?.bytes ?? []).equals(Buffer.concat(parts))).toBe(true)
  expect(await uploads.complete(uploadToken, [1, 2])).toBe(true)
  const lengths = requests
    .filter(({ method }) => method === 'PUT')
    .map(({ headers }) => headers['content-length'])
  expect(lengths).toContain(String(2 * MIB + 7))
})

test('the token of a session is sent and signed', async () => {
  vi.stubEnv('AWS_SESSION_TOKEN', 'session/token+with=signs')
  const { fileStore } = await open(pathAddress())
  const token = await fileStore.put({ bytes: Uint8Array.of(1, 2), ...label }, 60)
  expect((await fileStore.get(token))?.bytes).toEqual(Uint8Array.of(1, 2))
  for (const { headers } of requests) {
    expect(headers['x-amz-security-token']).toBe('session/token+with=signs')
    expect(headers.authorization).toMatch(/SignedHeaders=[^,]*x-amz-security-token/)
  }
})

test.each([
  ['AWS_SECRET_ACCESS_KEY', 'SignatureDoesNotMatch'],
  ['AWS_ACCESS_KEY_ID', 'InvalidAccessKeyId'],
])('a wrong %s is an error that does not contain it', async (name, code) => {
  vi.stubEnv(name, 'wrong-value')
  const { fileStore } = await open(pathAddress())
  const failure = await fileStore.put({ bytes: Uint8Array.of(1), ...label }, 60).catch(error => error)
  expect(failure.message).toBe(`Expected the bucket pictures to accept a PUT request, got 403 ${code}.`)
  await expect(fileStore.get('x'.repeat(43))).rejects.toThrow(`403 ${code}`)
})

test('an endless answer of an endpoint that is no S3 is an error', async () => {
  const port = await listen((_, response) => {
    const endless = async function* () {
      for (;;) yield Buffer.alloc(16_384, 'a')
    }
    response.writeHead(500)
    pipeline(endless(), response).catch(() => {})
  })
  const { fileStore } = await open(`s3://pictures?endpoint=http://127.0.0.1:${port}`)
  await expect(fileStore.put({ bytes: Uint8Array.of(1), ...label }, 60)).rejects.toThrow('got 500 .')
})

test('a bucket that does not exist is an error', async () => {
  const { fileStore } = await open(pathAddress().replace('pictures', 'nowhere'))
  await expect(fileStore.put({ bytes: Uint8Array.of(1), ...label }, 60)).rejects.toThrow(
    'Expected the bucket nowhere to accept a PUT request, got 404 NoSuchBucket.',
  )
})

test('a write whose body ends early leaves no file', async () => {
  const { fileStore } = await open(pathAddress())
  async function* half() {
    yield Buffer.alloc(500)
  }
  const token = 'y'.repeat(43)
  await expect(
    fileStore.put({ bytes: { size: 1000, pieces: half() }, ...label }, 60, token),
  ).rejects.toThrow()
  expect(await fileStore.get(token)).toBeUndefined()
})

test('a server stores uploads and serves them from the bucket', async () => {
  await using it = await openServer({ storage: pathAddress() })
  const began = await fetch(`${it.url}/rest.fal.ai/storage/upload/initiate`, {
    method: 'POST',
    headers: { authorization: `Key ${key}` },
  })
  const { upload_url, file_url } = (await began.json()) as Record<string, string>
  const bytes = Buffer.alloc(5 * MIB, 'xyz')
  expect((await fetch(upload_url, { method: 'PUT', body: bytes })).status).toBe(200)
  expect(Buffer.from(await (await fetch(file_url)).arrayBuffer()).equals(bytes)).toBe(true)
})
