import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Config, createRemover, type Remover } from '../../src/index.ts'
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
