import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { verifyWeights } from '../../src/models/digest.ts'
import { locateWeights } from '../../src/models/locate.ts'
import { openSession } from '../../src/models/session.ts'
import { type Model, models } from '../../src/models/table.ts'
import { dismissOptimized, ensureWeights, hasWeights, type WeightsConfig } from '../../src/models/weights.ts'
import { NobgError } from '../../src/shared/errors.ts'
import type { RunOptions } from '../../src/shared/types.ts'
import { brightness, plainModel, saveModel, twoOutputs } from '../support/graphs.ts'
import { describeModel, openWeightsServer, weights } from '../support/weights-server.ts'

let dir: string
let modelsDir: string
let said: string[]
let config: WeightsConfig

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-weights-'))
  modelsDir = join(dir, 'models')
  said = []
  const say = (line: string) => said.push(line)
  config = { modelsDir, download: false, logger: { info: say, warn: say } }
  await mkdir(modelsDir)
})

afterEach(() => rm(dir, { recursive: true, force: true }))

const row: Partial<Model> = { output: 'mean', urls: ['http://127.0.0.1:1/plain.onnx'] }

/** Puts a graph where its download would be. */
async function install(graph: Uint8Array): Promise<Model> {
  const { path: _, ...model } = await saveModel(join(modelsDir, 'plain.onnx'), graph, row)
  return model
}

const ensure = (model: Model, change: Partial<WeightsConfig> = {}, run?: RunOptions) =>
  ensureWeights(model, { ...config, ...change }, run)

const listFiles = () => readdir(dir, { recursive: true }).then(names => names.sort())

const readSidecar = async (name = 'plain.optimized.json') =>
  JSON.parse(await readFile(join(modelsDir, name), 'utf8'))

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** What a session on this file makes of a picture of one pixel. */
async function run(model: Model, { path, bytes, sha256 }: Awaited<ReturnType<typeof ensureWeights>>) {
  const session = await openSession({ ...model, bytes, sha256 }, path, {
    threads: 1,
    keepBuffers: false,
    executionProviders: ['cpu'],
  })
  const { data } = await session.run(Float32Array.of(0, 0.5, 1), 1, 1)
  await session.release()
  return [...data]
}

describe('an optimized file', () => {
  test('is made once beside the original, and used', async () => {
    const model = await install(twoOutputs)
    expect(await hasWeights(model, config)).toBe(false)
    const made = await ensure(model)
    const path = join(modelsDir, 'plain.optimized.onnx')
    const bytes = await readFile(path)
    expect(made).toEqual({ path, bytes: bytes.length, sha256: digest(bytes), isOptimized: true })
    expect(bytes.length).toBeLessThan(twoOutputs.length)
    expect(await readSidecar()).toEqual({
      version: expect.any(Number),
      original: model.sha256,
      output: 'mean',
      optimized: { bytes: bytes.length, sha256: digest(bytes) },
    })
    expect(await run(model, made)).toEqual([0.5])
    expect(await hasWeights(model, config)).toBe(true)
    expect(await ensure(model)).toEqual(made)
    expect(await listFiles()).toEqual([
      'models',
      'models/plain.onnx',
      'models/plain.optimized.json',
      'models/plain.optimized.onnx',
    ])
    expect(said).toEqual([])
  })

  test('is not tried twice if there is nothing to optimize', async () => {
    const model = await install(brightness)
    const original = {
      path: join(modelsDir, 'plain.onnx'),
      bytes: brightness.length,
      sha256: model.sha256,
      isOptimized: false,
    }
    expect(await ensure(model)).toEqual(original)
    expect(await readSidecar()).toMatchObject({ reason: 'there is nothing to optimize' })
    const { mtimeMs } = await stat(join(modelsDir, 'plain.optimized.json'))
    expect(await ensure(model)).toEqual(original)
    expect((await stat(join(modelsDir, 'plain.optimized.json'))).mtimeMs).toBe(mtimeMs)
    expect(said).toEqual([])
  })

  test('that cannot be made causes one warning', async () => {
    const model = await install(weights)
    for (let time = 0; time < 2; time++) expect((await ensure(model)).isOptimized).toBe(false)
    expect(said).toEqual([
      expect.stringMatching(/^nobg: plain runs without optimization, which takes more .*: .+/),
    ])
  })

  test.each<[string, (path: string, sidecar: string) => Promise<void>]>([
    ['went', path => rm(path)],
    ['was cut', path => writeFile(path, 'x')],
    ['has no sidecar', (_, sidecar) => rm(sidecar)],
    ['has a damaged sidecar', (_, sidecar) => writeFile(sidecar, '{"optimized"')],
    [
      'was made by another version',
      async (_, sidecar) => writeFile(sidecar, JSON.stringify({ ...(await readSidecar()), version: 0 })),
    ],
    [
      'was made from another original',
      async (_, sidecar) =>
        writeFile(sidecar, JSON.stringify({ ...(await readSidecar()), original: 'ab'.repeat(32) })),
    ],
  ])('that %s is made again', async (_, harm) => {
    const model = await install(twoOutputs)
    const made = await ensure(model)
    await harm(made.path, join(modelsDir, 'plain.optimized.json'))
    expect(await hasWeights(model, config)).toBe(false)
    expect(await ensure(model)).toEqual(made)
    await verifyWeights({ ...model, ...made }, made.path)
  })

  test('is not made from a damaged original', async () => {
    const model = await install(twoOutputs)
    await writeFile(join(modelsDir, 'plain.onnx'), Buffer.alloc(twoOutputs.length))
    await expect(ensure(model)).rejects.toMatchObject({ code: 'WEIGHTS_CORRUPT' })
    expect(await listFiles()).toEqual(['models', 'models/plain.onnx'])
  })

  test('is enough if originals are not kept', async () => {
    const model = await install(twoOutputs)
    const change = { keepOriginalWeights: false }
    const made = await ensure(model, change)
    expect(await listFiles()).toEqual([
      'models',
      'models/plain.optimized.json',
      'models/plain.optimized.onnx',
    ])
    expect(await locateWeights(model, modelsDir)).toEqual({
      path: made.path,
      optimized: made.path,
      origin: 'downloaded',
      installed: true,
    })
    expect(await ensure(model, change)).toEqual(made)
    await rm(made.path)
    await expect(ensure(model, change)).rejects.toMatchObject({ code: 'WEIGHTS_UNAVAILABLE' })
  })

  test('that does not exist keeps the original in any case', async () => {
    const model = await install(brightness)
    await ensure(model, { keepOriginalWeights: false })
    expect(await listFiles()).toContain('models/plain.onnx')
  })
})

describe('an optimized file of a local model', () => {
  const saveOwn = (graph: Uint8Array, output = 'mean') =>
    saveModel(join(dir, 'own.onnx'), graph, { id: 'own', output })

  test('is in the models folder, with the digest in its name', async () => {
    const model = await saveOwn(twoOutputs)
    const made = await ensure(model, { keepOriginalWeights: false })
    const stem = `own-${model.sha256?.slice(0, 16)}.optimized`
    expect(made).toMatchObject({ path: join(modelsDir, `${stem}.onnx`), isOptimized: true })
    expect(await listFiles()).toEqual(['models', `models/${stem}.json`, `models/${stem}.onnx`, 'own.onnx'])
    expect(await run(model, made)).toEqual([0.5])
    const other = await ensure(await saveOwn(Buffer.concat([twoOutputs, Buffer.of(0x0a, 0)])))
    expect(other.path).not.toBe(made.path)
  })

  test('keeps the output that is read', async () => {
    expect(await run(plainModel, await ensure(await saveOwn(twoOutputs)))).toEqual([0.5])
    expect(await run(plainModel, await ensure(await saveOwn(twoOutputs, 'negative')))).toEqual([-0.5])
  })

  test.skipIf(process.platform !== 'linux')('is not used if it cannot be written', async () => {
    const model = await saveOwn(twoOutputs)
    for (let time = 0; time < 2; time++) {
      expect(await ensure(model, { modelsDir: '/proc/none' })).toMatchObject({
        path: model.path,
        isOptimized: false,
      })
    }
    expect(said).toEqual([expect.stringContaining('ENOENT')])
  })

  test("is never fetched if the model's file is missing", async () => {
    const path = join(dir, 'gone.onnx')
    await expect(ensure({ ...plainModel, path })).rejects.toMatchObject({ code: 'WEIGHTS_UNAVAILABLE' })
  })
})

describe('an optimized file that a session does not open', () => {
  const refusal = new NobgError('WEIGHTS_CORRUPT', 'ONNX Runtime cannot open plain')

  test('is made again if it is damaged', async () => {
    const model = await install(twoOutputs)
    const made = await ensure(model)
    await writeFile(made.path, Buffer.alloc(made.bytes ?? 0))
    await expect(run(model, made)).rejects.toMatchObject({ code: 'WEIGHTS_CORRUPT' })
    expect(await dismissOptimized(model, made, config, refusal)).toBe(true)
    expect(await run(model, await ensure(model))).toEqual([0.5])
  })

  test('is replaced by the original if it is intact', async () => {
    const model = await install(twoOutputs)
    const made = await ensure(model)
    expect(await dismissOptimized(model, made, config, refusal)).toBe(true)
    expect(await ensure(model)).toMatchObject({ path: join(modelsDir, 'plain.onnx'), isOptimized: false })
    expect(said).toEqual([expect.stringContaining('ONNX Runtime cannot open plain')])
    expect(await listFiles()).not.toContain('models/plain.optimized.onnx')
  })

  test('is kept after errors of the original and other errors', async () => {
    const model = await install(twoOutputs)
    const made = await ensure(model)
    expect(await dismissOptimized(model, { ...made, isOptimized: false }, config, refusal)).toBe(false)
    expect(await dismissOptimized(model, made, config, new NobgError('INFERENCE_FAILED', ''))).toBe(false)
    expect(await ensure(model)).toEqual(made)
  })
})

describe('weights that several callers wait for', () => {
  test('are fetched once, all callers get progress, and an abort affects only its caller', async () => {
    const server = await openWeightsServer()
    const model = describeModel(server, '/right')
    const stop = new AbortController()
    const heard = [0, 0, 0]
    const runs = heard.map((_, index) =>
      ensure(
        model,
        { download: true },
        {
          onProgress: () => heard[index]++,
          ...(index === 0 && { signal: stop.signal }),
        },
      ),
    )
    stop.abort()
    const [left, ...stayed] = await Promise.allSettled(runs)
    expect(left).toMatchObject({ status: 'rejected', reason: { code: 'ABORTED' } })
    for (const { status } of stayed) expect(status).toBe('fulfilled')
    expect(server.asked).toEqual(['/right'])
    expect(Math.min(heard[1], heard[2])).toBeGreaterThan(0)
    await server.close()
  })

  test('are not fetched for a caller that has already aborted', async () => {
    const signal = AbortSignal.abort()
    await expect(
      ensure(describeModel({ origin: 'http://127.0.0.1:1' }, '/x'), {}, { signal }),
    ).rejects.toMatchObject({
      code: 'ABORTED',
    })
  })
})

describe('the embedded model', () => {
  test('is in its package, unchanged', async () => {
    const u2netp = models.find(({ id }) => id === 'u2netp') as Model
    expect(await ensure(u2netp)).toMatchObject({
      path: expect.stringMatching(/u2netp[\\/]weights[\\/]u2netp\.onnx$/),
      sha256: u2netp.sha256,
      isOptimized: false,
    })
    expect(await listFiles()).toEqual(['models'])
  })

  test('has to be installed again if its package is empty', async () => {
    const model = { ...plainModel, ...row, package: '@nobg/nothing/weights.onnx' } as Model
    await expect(ensure(model)).rejects.toMatchObject({
      code: 'WEIGHTS_UNAVAILABLE',
      hint: 'Install the package @nobg/nothing again: it contains the weights.',
    })
  })
})

test('uses a file that was put there by hand if its digest is unknown', async () => {
  await writeFile(join(modelsDir, 'plain.onnx'), 'by hand')
  expect(await ensure({ ...plainModel, ...row } as Model)).toEqual({
    path: join(modelsDir, 'plain.onnx'),
    isOptimized: false,
  })
  expect(await listFiles()).toEqual(['models', 'models/plain.onnx'])
})
