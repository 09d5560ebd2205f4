import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Config, createRemover, type Remover, type Timings } from '../../src/index.ts'
import { saveModel, twoOutputs } from '../support/graphs.ts'
import { closeServer, portOf } from '../support/weights-server.ts'

let dir: string
let remover: Remover

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-infer-'))
})

afterEach(async () => {
  await remover.close()
  await rm(dir, { recursive: true, force: true })
})

const quiet = { info() {}, warn() {} }

function open(config: Config): void {
  remover = createRemover({
    cacheDir: join(dir, 'cache'),
    modelsDir: join(dir, 'models'),
    logger: quiet,
    ...config,
  })
}

/** Returns a picture that is not in the cache. */
const paint = (level: number) => ({
  data: new Uint8Array(300).fill(level),
  width: 10,
  height: 10,
  channels: 3 as const,
})

test('makes a damaged optimized file again, and uses an intact one', async () => {
  const { path = '' } = await saveModel(join(dir, 'two.onnx'), twoOutputs)
  open({
    models: {
      two: { path, output: 'mean', resolution: 16, mean: [0, 0, 0], std: [1, 1, 1], meaning: 'probability' },
    },
  })
  const cut = (level: number) => remover.removeBackground(paint(level), { model: 'two' })
  await cut(100)
  const name = (await readdir(join(dir, 'models'))).find(name => name.endsWith('.onnx')) ?? ''
  const optimized = join(dir, 'models', name)
  const bytes = await readFile(optimized)
  await writeFile(optimized, Buffer.alloc(bytes.length))
  await expect(cut(200)).resolves.toMatchObject({ width: 10 })
  expect(Buffer.compare(await readFile(optimized), bytes)).toBe(0)
})

test('each millisecond counts in one stage, if the picture is decoded before its weights are made', async () => {
  const { path = '' } = await saveModel(join(dir, 'two.onnx'), twoOutputs)
  open({
    models: {
      two: { path, output: 'mean', resolution: 16, mean: [0, 0, 0], std: [1, 1, 1], meaning: 'probability' },
    },
  })
  // Decoding takes longer than all work that no stage counts.
  const noise = sharp({
    create: {
      width: 2000,
      height: 1500,
      channels: 3,
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
      background: '#000',
    },
  })
  const picture = await noise.png({ progressive: true, compressionLevel: 1 }).toBuffer()
  const { timings } = await remover.composeCutout(picture, { model: 'two', refineForeground: false })
  expectDisjoint(timings)
  expect(timings.decode).toBeGreaterThan(0)
})

test('a remote server that reports too long a time takes at most the time of the call', async () => {
  const matte = await sharp({ create: { width: 320, height: 320, channels: 3, background: '#fff' } })
    .toColorspace('b-w')
    .png()
    .toBuffer()
  const server = createServer(({ url = '' }, response) => {
    const image = { url: `data:image/png;base64,${matte.toString('base64')}` }
    const status = { status: 'COMPLETED', metrics: { inference_time: 1000 } }
    const answer = url.endsWith('/status') ? status : { request_id: 'one', image }
    response.end(JSON.stringify(answer))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  open({ remote: `http://127.0.0.1:${portOf(server)}` })
  expectDisjoint((await remover.composeCutout(paint(1), { model: 'u2netp' })).timings)
  await closeServer(server)
})

function expectDisjoint({ total, ...stages }: Timings): void {
  const times = Object.values(stages)
  expect(Math.min(...times)).toBeGreaterThanOrEqual(0)
  expect(times.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(total)
}

test('a plan is ready if its weights are ready, or a server runs the model', async () => {
  open({ download: false })
  expect(await remover.isReady(await remover.plan(paint(1), { model: 'u2netp' }))).toBe(true)
  expect(await remover.isReady(await remover.plan(paint(1), { model: 'portrait' }))).toBe(false)
  await remover.close()
  open({ download: false, remote: 'http://127.0.0.1:1' })
  expect(await remover.isReady(await remover.plan(paint(1), { model: 'portrait' }))).toBe(true)
})

test('a picture that waits for its weights does not block others', async () => {
  const server = createServer(() => {})
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  open({ modelsUrl: `http://127.0.0.1:${portOf(server)}`, concurrency: 1 })
  const stop = new AbortController()
  const waiting = remover.removeBackground(paint(1), { model: 'modnet', signal: stop.signal })
  const asked = new Promise(resolve => server.once('request', resolve))
  await asked
  const other = remover.removeBackground(paint(2), { model: 'u2netp', allowEmpty: true })
  await expect(other).resolves.toMatchObject({ width: 10 })
  stop.abort()
  await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' })
  await closeServer(server)
})
