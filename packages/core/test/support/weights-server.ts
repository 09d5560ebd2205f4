import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { Model } from '../../src/models/table.ts'
import { plainModel } from './graphs.ts'

/** Weights that are larger than all network buffers. A shift changes the bytes. uint8, [1 MiB]. */
export const weights = Buffer.from(
  Uint32Array.from({ length: 1 << 18 }, (_, index) => Math.imul(index, 2654435761)).buffer,
)
/** Half of the size in bytes. */
export const half = weights.length / 2
const sha256 = createHash('sha256').update(weights).digest('hex')
const flipped = Buffer.from(weights)
flipped[half + 1] ^= 1

/** A server of weights that answers in right and wrong ways. */
export interface WeightsServer {
  origin: string
  /** The received requests: `/path`, or `/path 524288-` for a range. */
  asked: string[]
  close(): Promise<void>
}

/** Sends an answer. `start` is the first byte of the requested range, `count` the number of requests for this path. */
type Answer = (response: ServerResponse, start: number, count: number) => void

/** Sends the body in several chunks. */
async function send(response: ServerResponse, body: Uint8Array): Promise<void> {
  for (let from = 0; from < body.length; from += 1 << 16) {
    if (!response.write(body.subarray(from, from + (1 << 16)))) {
      await new Promise(resolve => response.once('drain', resolve))
    }
  }
  response.end()
}

const whole: Answer = response => {
  response.writeHead(200, { 'content-length': weights.length })
  send(response, weights)
}

const right: Answer = (response, start, count) => {
  if (start === 0) return whole(response, start, count)
  writePart(response, start)
  send(response, weights.subarray(start))
}

function writePart(response: ServerResponse, start: number, total: number = weights.length): void {
  response.writeHead(206, {
    'content-range': `bytes ${start}-${total - 1}/${total}`,
    'content-length': total - start,
  })
}

/** Sends half of the requested bytes, then calls `end`. */
const begin = (end: (response: ServerResponse) => void): Answer => {
  return (response, start) => {
    if (start > 0) writePart(response, start)
    else response.writeHead(200, { 'content-length': weights.length })
    response.write(weights.subarray(start, start + (weights.length - start) / 2), () => end(response))
  }
}
const cut = begin(response => response.destroy())
const stall = begin(() => {})
const fail =
  (status: number): Answer =>
  response =>
    response.writeHead(status).end()
const first = (once: Answer, then: Answer): Answer => {
  return (response, start, count) => (count === 1 ? once : then)(response, start, count)
}
const sendOther = (body: Uint8Array, headers: Record<string, string | number> = {}): Answer => {
  return response => {
    response.writeHead(200, headers)
    send(response, body)
  }
}

const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize 1048576\n`
const page = Buffer.from('<!doctype html><title>Sign in</title>')

/** All kinds of answers by path. */
const answers: Record<string, Answer> = {
  '/right': right,
  '/private/plain.onnx': right,
  '/whole': whole,
  '/missing': fail(404),
  '/forbidden': fail(403),
  '/busy': fail(503),
  '/busy-once': first(fail(503), right),
  '/nothing': fail(204),
  '/empty': sendOther(Buffer.of()),
  '/no-part': (response, start, count) => (start > 0 ? fail(416) : whole)(response, start, count),
  '/no-byte': fail(416),
  '/other-part': (response, start, count) => {
    if (start === 0) return whole(response, start, count)
    writePart(response, start - 7)
    send(response, weights.subarray(start - 7))
  },
  '/other-total': (response, start) => {
    writePart(response, start, weights.length + 5)
    send(response, Buffer.alloc(weights.length + 5 - start))
  },
  '/flipped': sendOther(flipped),
  '/short': sendOther(weights.subarray(0, -1)),
  '/long': sendOther(Buffer.concat([weights, weights])),
  '/says-more': response => {
    response.writeHead(200, { 'content-length': weights.length + 100 })
    response.write(weights, () => response.destroy())
  },
  '/says-less': sendOther(weights.subarray(0, -100), { 'content-length': weights.length - 100 }),
  '/page': sendOther(page, { 'content-type': 'text/html; charset=utf-8', 'content-length': page.length }),
  '/page-in-disguise': sendOther(page, { 'content-type': 'application/octet-stream' }),
  '/pointer': sendOther(Buffer.from(pointer), { 'content-length': pointer.length }),
  '/moved': response => response.writeHead(302, { location: '/right' }).end(),
  '/circle': response => response.writeHead(302, { location: '/circle' }).end(),
  '/packed': sendOther(gzipSync(weights), { 'content-encoding': 'gzip' }),
  '/packed-page': sendOther(gzipSync(page), { 'content-encoding': 'gzip' }),
  '/cut-once': first(cut, right),
  '/cut-once-no-part': first(cut, whole),
  '/cut': cut,
  '/cut-at-once': response => {
    response.writeHead(200, { 'content-length': weights.length }).flushHeaders()
    setImmediate(() => response.destroy())
  },
  '/stalled-once': first(stall, right),
  '/stalled': stall,
  '/silent': () => {},
}

/** Opens the server on a free port of this machine. */
export async function openWeightsServer(): Promise<WeightsServer> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '', 'http://any').pathname
    const start = readStart(request)
    asked.push(start > 0 ? `${path} ${start}-` : path)
    const count = asked.filter(line => line.split(' ')[0] === path).length
    const answer = answers[path] ?? fail(404)
    answer(response, start, count)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return { origin: `http://127.0.0.1:${portOf(server)}`, asked, close: () => closeServer(server) }
}

/** Returns the port of a listening server. */
export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

/** Closes a server and all its connections. */
export async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
}

function readStart({ headers }: IncomingMessage): number {
  return Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0)
}

/** Returns a model entry with weights at these paths of the server. */
export function describeModel({ origin }: Pick<WeightsServer, 'origin'>, ...paths: string[]): Model {
  const urls = paths.map(path => (path.startsWith('http') ? path : origin + path))
  return { ...plainModel, license: 'MIT', urls, bytes: weights.length, sha256 }
}
