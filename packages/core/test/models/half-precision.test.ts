import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createModelLibrary, createRemover } from '../../src/index.ts'
import { createModelRegistry } from '../../src/models/registry.ts'
import { openSession } from '../../src/models/session.ts'
import { ensureWeights } from '../../src/models/weights.ts'
import { brightness, halfBrightness, saveModel } from '../support/graphs.ts'
import { closeServer, portOf } from '../support/weights-server.ts'

const quiet = { info() {}, warn() {} }
const pixel = { data: new Uint8Array(3), width: 1, height: 1, channels: 3 as const }

let dir: string
let server: Server
let origin: string
let asked: string[]
let onAsked: () => void

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-half-'))
  asked = []
  onAsked = () => {}
  server = createServer(({ url = '' }, response) => {
    asked.push(url)
    onAsked()
    if (url === '/half.onnx') response.end(halfBrightness)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${portOf(server)}`
})

afterEach(async () => {
  await closeServer(server)
  await rm(dir, { recursive: true, force: true })
})

test('a downloaded file of half precision runs in float32', async () => {
  const { path: _, ...row } = await saveModel(join(dir, 'any.onnx'), halfBrightness)
  const model = { ...row, urls: [`${origin}/half.onnx`] }
  const modelsDir = join(dir, 'models')
  const weights = await ensureWeights(model, { modelsDir, download: true, logger: quiet })
  expect(weights.isOptimized).toBe(true)
  expect(await readFile(join(modelsDir, 'plain.onnx'))).toEqual(Buffer.from(halfBrightness))

  const input = Float32Array.from({ length: 3 * 24 }, (_, index) => (index % 24) / 24)
  const run = async (path: string, expected: object) => {
    const settings = { threads: 1, keepBuffers: false, executionProviders: ['cpu'] } as const
    const session = await openSession({ ...model, ...expected }, path, settings)
    return (await session.run(input, 6, 4)).data
  }
  const plain = await saveModel(join(dir, 'plain.onnx'), brightness)
  const expected = await run(join(dir, 'plain.onnx'), plain)
  expect(await run(weights.path, weights)).toEqual(expected)
  // The file as it was published rounds to half precision.
  expect(await run(join(modelsDir, 'plain.onnx'), row)).not.toEqual(expected)
})

describe('the config weightsPrecision', () => {
  test('chooses the files of half precision, and full precision is the default', () => {
    const half = createModelRegistry({}, 'float16')
    for (const id of ['general-light', 'general-heavy', 'portrait']) {
      const [full, found] = [createModelRegistry().find(id), half.find(id)]
      expect([full.id, found.id]).toEqual([id, `${id}-fp16`])
      // The same network: only the file and its names differ.
      const { urls, bytes, sha256, purpose, description, halfPrecision, falName, ...rest } = full
      expect(found).toMatchObject({ ...rest, id: `${id}-fp16` })
      expect(found.sha256).not.toBe(sha256)
    }
    expect(half.find('General Use (Light)').id).toBe('general-light-fp16')
    expect(half.find('matting').id).toBe('matting')
  })

  test('does not change a local model that replaces a built-in model', () => {
    const local = { portrait: { path: 'finetuned.onnx' } }
    expect(createModelRegistry(local, 'float16').find('portrait').id).toBe('portrait')
  })

  test.each([
    ['float16', '/general-light-fp16.onnx'],
    ['float32', '/general-light.onnx'],
  ] as const)('%s downloads %s from a mirror', async (weightsPrecision, address) => {
    const config = { weightsPrecision, modelsUrl: origin, modelsDir: join(dir, 'models'), logger: quiet }
    const stop = new AbortController()
    onAsked = () => stop.abort()
    await using remover = createRemover({ ...config, cacheDir: join(dir, 'cache') })
    const cut = remover.removeBackground(pixel, { model: 'general-light', signal: stop.signal })
    await expect(cut).rejects.toMatchObject({ code: 'ABORTED' })
    expect(asked).toEqual([address])
    const { path } = await createModelLibrary(config).locate('general-light')
    expect(path).toBe(join(dir, 'models', address))
  })

  test('applies after a substitution', async () => {
    await using remover = createRemover({
      weightsPrecision: 'float16',
      substitute: { matting: 'portrait', 'general-light': 'u2netp' },
      cacheDir: join(dir, 'cache'),
      logger: quiet,
    })
    const modelOf = async (model: string) => (await remover.plan(pixel, { model })).model.id
    expect([await modelOf('matting'), await modelOf('general-light')]).toEqual(['portrait-fp16', 'u2netp'])
  })
})
