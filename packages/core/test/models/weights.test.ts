import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { NobgError } from '../../src/errors.ts'
import { type Model, models } from '../../src/models/table.ts'
import { ensureWeights } from '../../src/models/weights.ts'
import type { Progress } from '../../src/types.ts'
import { plainModel } from '../support/graphs.ts'

/** Larger than any buffer on the way, and of no pattern that a shift would keep. */
const weights = Buffer.from(
  Uint32Array.from({ length: 1 << 18 }, (_, index) => Math.imul(index, 2654435761)).buffer,
)
const sha256 = createHash('sha256').update(weights).digest('hex')

let server: Server
let origin: string
let asked: string[]
let dir: string
let modelsDir: string

beforeEach(async () => {
  asked = []
  server = createServer((request, response) => {
    asked.push(request.url ?? '')
    routes[request.url ?? '']?.(request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  dir = await mkdtemp(join(tmpdir(), 'nobg-weights-'))
  modelsDir = join(dir, 'models')
})

afterEach(async () => {
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
  await rm(dir, { recursive: true, force: true })
})

const flipped = Buffer.from(weights)
flipped[1 << 19] ^= 1

/** Sends in pieces, so that several of them arrive. */
async function send(response: ServerResponse, body: Uint8Array, type = 'application/octet-stream') {
  response.writeHead(200, { 'content-type': type })
  for (let from = 0; from < body.length; from += 1 << 16) {
    if (!response.write(body.subarray(from, from + (1 << 16)))) {
      await new Promise(resolve => response.once('drain', resolve))
    }
  }
  response.end()
}

const routes: Record<string, RequestListener> = {
  '/right': (_, response) => send(response, weights),
  '/missing': (_, response) => response.writeHead(404).end('Not Found'),
  '/broken': (_, response) => response.writeHead(503).end(),
  '/empty': (_, response) => response.writeHead(204).end(),
  '/flipped': (_, response) => send(response, flipped),
  '/short': (_, response) => send(response, weights.subarray(0, -1)),
  '/long': (_, response) => send(response, Buffer.concat([weights, weights])),
  '/page': (_, response) => send(response, Buffer.from('<!doctype html><title>Sign in</title>'), 'text/html'),
  '/moved': (_, response) => response.writeHead(302, { location: '/right' }).end(),
  '/circle': (_, response) => response.writeHead(302, { location: '/circle' }).end(),
  '/cut': (_, response) => {
    response.writeHead(200, { 'content-length': weights.length })
    response.write(weights.subarray(0, 1 << 19), () => response.destroy())
  },
  '/stalled': (_, response) => {
    response.writeHead(200, { 'content-length': weights.length })
    response.write(weights.subarray(0, 1 << 19))
  },
  '/silent': () => {},
}

function describeModel(...paths: string[]): Model {
  const urls = paths.map(path => (path.startsWith('http') ? path : origin + path))
  return { ...plainModel, licence: 'MIT', urls, bytes: weights.length, sha256 }
}

const ensure = (model: Model, run = {}) => ensureWeights(model, { modelsDir, download: true }, run)

/** Every file and folder below, `.part` files among them. */
const listFiles = () => readdir(dir, { recursive: true })

describe('a download', () => {
  test.each([
    ['comes', ['/right']],
    ['comes by a redirect', ['/moved']],
    ['comes from the second address', ['/missing', '/right']],
    ['comes after three bad ones', ['/page', '/flipped', '/cut', '/right']],
    ['comes after one that does not answer', ['http://127.0.0.1:1/right', '/right']],
  ])('%s', async (_, paths) => {
    const path = await ensure(describeModel(...paths))
    expect(path).toBe(join(modelsDir, 'plain.onnx'))
    expect(Buffer.compare(await readFile(path), weights)).toBe(0)
    expect(await listFiles()).toEqual(['models', 'models/plain.onnx'])
  })

  test('happens once', async () => {
    await ensure(describeModel('/right'))
    await ensure(describeModel('/right'))
    expect(asked).toEqual(['/right'])
  })

  test('is reported in bytes, upwards to the whole', async () => {
    const reports: Progress[] = []
    await ensure(describeModel('/right'), { onProgress: (report: Progress) => reports.push(report) })
    expect(reports.length).toBeGreaterThan(2)
    for (const [index, { stage, done, total, model }] of reports.entries()) {
      expect({ stage, total, model }).toEqual({ stage: 'download', total: weights.length, model: 'plain' })
      expect(done).toBeGreaterThan(reports[index - 1]?.done ?? 0)
    }
    expect(reports.at(-1)?.done).toBe(weights.length)
  })

  test('is announced once, before its first byte', async () => {
    const said: string[] = []
    const logger = { info: (line: string) => said.push(line), warn: (line: string) => said.push(line) }
    const config = { modelsDir, download: true, logger }
    const path = join(modelsDir, 'plain.onnx')
    const heard: number[] = []
    const run = { onProgress: () => heard.push(said.length) }
    await ensureWeights(describeModel('/missing'), config, run).catch(() => {})
    await ensureWeights(describeModel('/right'), config, run)
    await ensureWeights(describeModel('/right'), config, run)
    expect(said).toEqual([
      `nobg: fetching the weights of plain (1 MB, MIT) to ${path}, once; the embedded model u2netp needs no download.`,
    ])
    expect(new Set(heard)).toEqual(new Set([1]))
  })

  test('of a row without size and digest takes what comes', async () => {
    const model = { ...describeModel('/right'), bytes: undefined, sha256: undefined }
    expect(Buffer.compare(await readFile(await ensure(model)), weights)).toBe(0)
  })
})

describe('a download that fails', () => {
  test.each([
    ['/missing', /HTTP 404 Not Found/],
    ['/broken', /HTTP 503/],
    ['/empty', /expected 1048576 bytes, got 0|HTTP 204/],
    ['/flipped', /expected sha256 [0-9a-f]{64}, got [0-9a-f]{64}/],
    ['/short', /expected 1048576 bytes, got 1048575/],
    ['/long', /expected 1048576 bytes, got more/],
    ['/page', /expected 1048576 bytes, got 37/],
    ['/circle', /redirect/],
    ['/cut', /terminated|closed|aborted/],
  ])('%s', async (path, reason) => {
    const error: NobgError = await ensure(describeModel(path)).catch(error => error)
    expect(error).toBeInstanceOf(NobgError)
    expect(error.code).toBe('WEIGHTS_UNAVAILABLE')
    // The model, the file expected, the address tried, and why not.
    expect(error.message).toMatch(/^Expected the weights of plain \(1 MB, MIT\) at \S+plain\.onnx/)
    expect(error.message).toContain(join(modelsDir, 'plain.onnx'))
    expect(error.message).toContain(`\n  ${origin}${path}: `)
    expect(error.message).toMatch(reason)
    expect(error.hint).toContain('model u2netp for one image')
    expect((await listFiles()).filter(name => name !== 'models')).toEqual([])
  })

  test('nobody answers', async () => {
    await expect(ensure(describeModel('http://127.0.0.1:1/x'))).rejects.toMatchObject({
      code: 'WEIGHTS_UNAVAILABLE',
      message: expect.stringMatching(/http:\/\/127\.0\.0\.1:1\/x: fetch failed \(.+\)/),
    })
  })

  test('every address has its line', async () => {
    const error: NobgError = await ensure(describeModel('/missing', '/page', '/broken')).catch(error => error)
    expect(error.message.split('\n')).toHaveLength(4)
  })

  test('the folder cannot be made', async () => {
    await writeFile(modelsDir, 'a file in its place')
    await expect(ensure(describeModel('/right'))).rejects.toMatchObject({
      code: 'WEIGHTS_UNAVAILABLE',
      message: expect.stringMatching(/EEXIST|ENOTDIR/),
    })
  })
})

describe('a download that is aborted', () => {
  test.each(['/stalled', '/silent'])('%s leaves nothing', async path => {
    for (const delayMs of [0, 1, 3, 10, 30]) {
      const stop = new AbortController()
      const run = ensure(describeModel(path, '/right'), { signal: stop.signal })
      setTimeout(() => stop.abort(), delayMs)
      await expect(run).rejects.toMatchObject({ code: 'ABORTED' })
      expect((await listFiles()).filter(name => name !== 'models')).toEqual([])
    }
    expect(asked).not.toContain('/right')
  })

  test('at any moment leaves nothing or the whole', async () => {
    for (let delayMs = 0; delayMs < 12; delayMs++) {
      const stop = new AbortController()
      const run = ensure(describeModel('/right'), { signal: stop.signal })
      setTimeout(() => stop.abort(), delayMs)
      const came = await run.catch((error: NobgError) => error.code)
      const files = (await listFiles()).filter(name => name !== 'models')
      expect([came, files]).toEqual(
        came === 'ABORTED' ? ['ABORTED', []] : [join(modelsDir, 'plain.onnx'), ['models/plain.onnx']],
      )
      await rm(modelsDir, { recursive: true, force: true })
    }
  })

  test('at the first report', async () => {
    const stop = new AbortController()
    const run = ensure(describeModel('/right'), { signal: stop.signal, onProgress: () => stop.abort() })
    await expect(run).rejects.toMatchObject({ code: 'ABORTED' })
    expect(await listFiles()).toEqual(['models'])
  })

  test('before it began, nobody is asked', async () => {
    await expect(ensure(describeModel('/right'), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ABORTED',
    })
    expect(asked).toEqual([])
  })
})

describe('without a download', () => {
  test('the error names the model, the address, the file and the alternative', async () => {
    const run = ensureWeights(describeModel('/right'), { modelsDir, download: false })
    await expect(run).rejects.toMatchObject({
      code: 'WEIGHTS_UNAVAILABLE',
      message: `Expected the weights of plain (1 MB, MIT) at ${join(modelsDir, 'plain.onnx')}, and could not get them:\n  ${origin}/right: not tried, downloading is switched off`,
      hint: expect.stringMatching(/by hand, let it be downloaded, or use .*u2netp/),
    })
    expect(asked).toEqual([])
    expect(await listFiles()).toEqual([])
  })

  test('nothing is announced', async () => {
    const logger = { info: () => expect.unreachable(), warn: () => expect.unreachable() }
    const run = ensureWeights(describeModel('/right'), { modelsDir, download: false, logger })
    await expect(run).rejects.toMatchObject({ code: 'WEIGHTS_UNAVAILABLE' })
  })

  test('a file put there by hand is taken', async () => {
    await mkdir(modelsDir)
    await writeFile(join(modelsDir, 'plain.onnx'), 'by hand')
    const path = await ensureWeights(describeModel('/right'), { modelsDir, download: false })
    expect(path).toBe(join(modelsDir, 'plain.onnx'))
  })

  test("the user's own file is never fetched", async () => {
    const path = join(dir, 'own.onnx')
    await expect(ensure({ ...plainModel, path })).rejects.toMatchObject({
      code: 'WEIGHTS_UNAVAILABLE',
      message: expect.stringContaining(`${path}, and could not get them:\n  there is no such file`),
    })
    await writeFile(path, 'own')
    expect(await ensure({ ...plainModel, path })).toBe(path)
  })

  test('the embedded model is where its package is', async () => {
    const u2netp = models.find(({ id }) => id === 'u2netp') as Model
    expect(await ensureWeights(u2netp, { modelsDir, download: false })).toMatch(
      /u2netp[\\/]weights[\\/]u2netp\.onnx$/,
    )
  })

  test('a package that carries nothing is to be installed anew', async () => {
    const model = { ...describeModel('/right'), package: '@nobg/nothing/weights.onnx' }
    await expect(ensureWeights(model, { modelsDir, download: false })).rejects.toMatchObject({
      code: 'WEIGHTS_UNAVAILABLE',
      hint: 'Install @nobg/nothing anew: it carries them.',
    })
    expect(await ensure(model)).toBe(join(modelsDir, 'plain.onnx'))
  })
})
