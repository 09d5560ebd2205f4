import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Model } from '../../src/models/table.ts'
import type { Raster } from '../../src/shared/types.ts'
import { createWorkers, type WorkerSettings, type Workers } from '../../src/workers/pools.ts'
import * as graphs from '../support/graphs.ts'
import { plainWorkers } from '../support/plain-workers.ts'
import { listChildren, seesProcesses, waitUntil } from '../support/processes.ts'

let dir: string
let workers: Workers

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-predict-'))
  workers = open()
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await workers.close()
  await rm(dir, { recursive: true, force: true })
})

function open(settings: Partial<WorkerSettings> = {}): Workers {
  return createWorkers({ ...plainWorkers, concurrency: 2, ...settings })
}

const saveModel = (id: string, graph: Uint8Array, row: Partial<Model> = {}) =>
  graphs.saveModel(join(dir, `${id}.onnx`), graph, { id, ...row })

/** A picture whose pixels run through all levels. */
function paint(side: number): Raster {
  const data = Uint8Array.from({ length: 3 * side * side }, (_, index) => Math.floor(index / 3) % 256)
  return { data, width: side, height: side, channels: 3 }
}

/** A gray square, from the level at column x and row y. */
function paintWith(side: number, levelAt: (x: number, y: number) => number): Raster {
  const data = Uint8Array.from({ length: 3 * side * side }, (_, index) => {
    const pixel = Math.floor(index / 3)
    return Math.round(levelAt(pixel % side, Math.floor(pixel / side)))
  })
  return { data, width: side, height: side, channels: 3 }
}

const predict = (model: Model, run: { signal?: AbortSignal; side?: number; onStart?: () => void } = {}) =>
  workers.predict(model, model.path ?? '', [paint(run.side ?? 16)], {
    signal: run.signal,
    onPass: run.onStart,
  })

/** A model that would run for an hour. */
const saveEndless = () => saveModel('endless', graphs.slowBrightness(5000))
const endlessSide = 512

describe('a matte', () => {
  const levels = Uint8Array.from({ length: 256 }, (_, level) => level)
  const logits: Partial<Model> = { meaning: 'logits', mean: [0.5, 0.5, 0.5], std: [0.1, 0.1, 0.1] }
  const sigmoid = (level: number) => 255 / (1 + Math.exp(-(level / 255 - 0.5) / 0.1))
  const [least, greatest] = [sigmoid(0), sigmoid(255)]

  test.each<[string, Partial<Model>, (level: number) => number]>([
    ['a probability is taken as it is', {}, level => level],
    ['a logit goes through the sigmoid once, and is not stretched: BiRefNet', logits, sigmoid],
    ['a probability is stretched: U²-Net', { std: [4, 4, 4], minMax: true }, level => level],
    ['a probability is not stretched: MODNet', { std: [4, 4, 4] }, level => level / 4],
    [
      'a logit is stretched after the sigmoid',
      { ...logits, minMax: true },
      level => ((sigmoid(level) - least) / (greatest - least)) * 255,
    ],
  ])('%s', async (_, row, expected) => {
    const { matte, inferenceMs } = await predict(await saveModel('levels', graphs.brightness, row))
    expect([matte.width, matte.height, matte.data.length]).toEqual([16, 16, 256])
    // Rounded to the nearest level from float32: half a level, and a hair.
    for (const level of levels) expect(Math.abs(matte.data[level] - expected(level))).toBeLessThan(0.501)
    expect(inferenceMs).toBeGreaterThan(0)
  })

  test('of half precision is read', async () => {
    const { matte } = await predict(await saveModel('half', graphs.halfBrightness))
    expect(matte.data).toEqual(levels)
  })

  test('fused from tiles equals that of one pass within a level', async () => {
    const model = await saveModel('fixed', graphs.brightness, { resolution: 64 })
    // Brightness rises over the picture; every second pixel is lighter, which the coarse pass cannot see.
    const fine = paintWith(128, (x, y) => 40 + x + y / 2 + (x % 2 ? 20 : -20))
    const coarse = paintWith(64, (x, y) => 40 + 2 * x + 0.5 + y + 0.25)
    const reports: number[][] = []
    const onPass = (...passes: number[]) => reports.push(passes)
    const { matte, passes } = await workers.predict(model, model.path ?? '', [coarse, fine], { onPass })
    const distances = matte.data.map((level, i) => Math.abs(level - fine.data[3 * i]))
    const inner = distances.filter((_, i) => Math.min(i % 128, 127 - (i % 128)) > 3)
    expect([matte.width, matte.height, passes]).toEqual([128, 128, 10])
    expect(Math.max(...inner)).toBeLessThanOrEqual(1)
    expect(reports).toEqual([[0, 1], ...Array.from({ length: 9 }, (_, i) => [1 + i, 10])])
  })

  test('of a tile is read on the scale of the whole, if that is stretched', async () => {
    const model = await saveModel('stretched', graphs.brightness, { resolution: 64, minMax: true })
    const pictures = [64, 128].map(side => paintWith(side, (x, y) => 100 + (50 * (x + y)) / side))
    const { matte } = await workers.predict(model, model.path ?? '', pictures)
    const whole = await workers.predict(model, model.path ?? '', [pictures[0]])
    const middle = matte.data[64 * 128 + 64]
    expect(Math.abs(middle - whole.matte.data[32 * 64 + 32])).toBeLessThanOrEqual(2)
  })

  test('is predicted for many concurrent calls', async () => {
    const model = await saveModel('plain', graphs.brightness)
    const sides = Array.from({ length: 20 }, (_, index) => index + 1)
    const predictions = await Promise.all(sides.map(side => predict(model, { side })))
    expect(predictions.map(({ matte }) => matte.width)).toEqual(sides)
  })
})

describe('the queue', () => {
  test('runs one model at a time', async () => {
    const log: string[] = []
    const run = async (model: Model) => {
      // A turn of the event loop later than told: the end of one job and the start of the next are told in the same turn.
      await predict(model, { side: 64, onStart: () => setImmediate(() => log.push(`${model.id} starts`)) })
      log.push(`${model.id} ends`)
    }
    const [cat, dog] = [
      await saveModel('cat', graphs.slowBrightness(4)),
      await saveModel('dog', graphs.slowBrightness(2)),
    ]
    await Promise.all([run(cat), run(dog), run(cat)])
    expect(log).toEqual(['cat starts', 'cat ends', 'dog starts', 'dog ends', 'cat starts', 'cat ends'])
  })
})

describe('execution providers', () => {
  // One that ONNX Runtime's build for this system cannot have.
  const absent = process.platform === 'win32' ? 'coreml' : 'dml'

  test('a missing one is skipped, with one warning', async () => {
    const warn = vi.fn()
    workers = open({ executionProviders: [absent, 'cpu'], logger: { info() {}, warn } })
    const model = await saveModel('plain', graphs.brightness)
    for (let picture = 0; picture < 2; picture++) {
      const { executionProvider, refusals } = await predict(model)
      expect([executionProvider, refusals.length]).toEqual(['cpu', 1])
    }
    expect(warn.mock.calls).toEqual([[expect.stringMatching(`${absent} does not run plain: .*not found`)]])
  })

  test('if all are missing, the error gives each reason', async () => {
    workers = open({ executionProviders: [absent, absent] })
    await expect(predict(await saveModel('plain', graphs.brightness))).rejects.toMatchObject({
      code: 'INFERENCE_FAILED',
      message: expect.stringMatching(`Expected one of the execution.*\n  ${absent}: .*\n  ${absent}: `),
    })
  })
})

describe('an error of the model', () => {
  test('keeps the process', async () => {
    const model = await saveModel('picky', graphs.wantsBytes)
    await expect(predict(model)).rejects.toMatchObject({
      code: 'INFERENCE_FAILED',
      message: expect.stringContaining('Expected picky to run'),
    })
    await expect(predict(await saveModel('large', graphs.absurdlyLarge))).rejects.toMatchObject({
      code: 'INFERENCE_FAILED',
      message: expect.stringContaining('alloc'),
    })
    await expect(predict(await saveModel('plain', graphs.brightness))).resolves.toBeDefined()
    if (seesProcesses) expect(listChildren()).toHaveLength(3)
  })

  test('weights can be replaced while the model is in memory', async () => {
    const model = await saveModel('plain', graphs.brightness)
    const row = { ...model, bytes: undefined, sha256: undefined }
    expect((await predict(row)).matte.data[255]).toBe(255)
    await graphs.saveModel(model.path ?? '', graphs.threeOutputs)
    const negative = await predict({ ...row, output: 'negative' })
    expect(negative.matte.data[255]).toBe(0)
  })

  test('damaged weights can be repaired', async () => {
    const model = await saveModel('plain', graphs.brightness)
    const right = await readFile(model.path ?? '')
    const wrong = Buffer.from(right)
    wrong[20] ^= 1
    await writeFile(model.path ?? '', wrong)
    await expect(predict(model)).rejects.toMatchObject({ code: 'WEIGHTS_CORRUPT', hint: expect.any(String) })
    await writeFile(model.path ?? '', right)
    await expect(predict(model)).resolves.toBeDefined()
  })
})

describe('an abort', () => {
  test('during a run ends the process, and the next image gets a new one', async () => {
    const stop = new AbortController()
    const run = predict(await saveEndless(), {
      signal: stop.signal,
      side: endlessSide,
      onStart: () => setTimeout(() => stop.abort(new Error('enough')), 1000),
    })
    await expect(run).rejects.toMatchObject({ code: 'ABORTED', cause: { message: 'enough' } })
    await expect(predict(await saveModel('plain', graphs.brightness))).resolves.toBeDefined()
    if (seesProcesses) await waitUntil(() => listChildren().length === 1)
  })

  test.each([0, 1, 5, 20, 60, 200])(
    'after %i ms does not disturb the next image of the same model',
    async delayMs => {
      const model = await saveModel('plain', graphs.slowBrightness(10))
      const stop = new AbortController()
      const first = predict(model, { signal: stop.signal, side: 256 })
      const second = predict(model)
      setTimeout(() => stop.abort(), delayMs)
      // Early or late, the first may have been done already.
      await first.catch(error => expect(error).toMatchObject({ code: 'ABORTED' }))
      await expect(second).resolves.toBeDefined()
    },
  )

  test('while another image runs removes the job from the queue', async () => {
    const model = await saveModel('plain', graphs.slowBrightness(10))
    const stop = new AbortController()
    const first = predict(model, { side: 256 })
    const second = predict(model, { signal: stop.signal })
    stop.abort()
    await expect(second).rejects.toMatchObject({ code: 'ABORTED' })
    await expect(first).resolves.toBeDefined()
  })

  test('before the start starts nothing', async () => {
    const model = await saveModel('plain', graphs.brightness)
    await expect(predict(model, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' })
    if (seesProcesses) expect(listChildren()).toEqual([])
  })
})

describe.skipIf(!seesProcesses)('the process (Linux only, reads /proc)', () => {
  test('killed during a run: that image fails, and the next one works', async () => {
    const run = predict(await saveEndless(), { side: endlessSide })
    // Repeated, because a process that dies before its job starts is replaced.
    const killer = setInterval(() => {
      for (const child of listChildren()) process.kill(child, 'SIGKILL')
    }, 1000)
    await expect(run).rejects.toMatchObject({
      code: 'INFERENCE_FAILED',
      message: 'The process that ran endless ended unexpectedly: SIGKILL.',
      hint: expect.stringContaining('memory'),
    })
    clearInterval(killer)
    await expect(predict(await saveModel('plain', graphs.brightness))).resolves.toBeDefined()
  })

  test('killed while other jobs wait: these are done', async () => {
    const model = await saveModel('plain', graphs.slowBrightness(40))
    const runs = [256, 16, 16, 16].map((side, index) =>
      predict(model, {
        side,
        onStart: () => index === 0 && setTimeout(() => process.kill(listChildren()[0], 'SIGKILL'), 100),
      }),
    )
    // What becomes of the first depends on whether its process had begun.
    const [, ...others] = await Promise.allSettled(runs)
    expect(others.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])
  })

  test('killed while idle: the next image works', async () => {
    const model = await saveModel('plain', graphs.brightness)
    for (let round = 0; round < 3; round++) {
      await predict(model)
      const [child] = listChildren()
      process.kill(child, 'SIGKILL')
      await waitUntil(() => !listChildren().includes(child))
      await sleep(50)
    }
    await expect(predict(model)).resolves.toBeDefined()
  })

  test('killed while idle, before the main thread knows: the next process does the job', async () => {
    const model = await saveModel('plain', graphs.brightness)
    await predict(model)
    const [child] = listChildren()
    process.kill(child, 'SIGKILL')
    // In this turn of the event loop, before it receives the exit event.
    const died = () => /\) [ZX]/.test(readFileSync(`/proc/${child}/stat`, 'utf8'))
    while (!died());
    await expect(predict(model)).resolves.toBeDefined()
  })

  test('that cannot start: rejects instead of waiting forever', async () => {
    const model = await saveModel('plain', graphs.brightness)
    vi.stubEnv('NODE_OPTIONS', '--require=/there/is/no/such/file.js')
    // Twice: the second one is not to wait behind the first, either.
    for (const run of [predict(model), predict(model)]) {
      await expect(run).rejects.toMatchObject({
        code: 'INFERENCE_FAILED',
        message: expect.stringMatching(
          /ended unexpectedly: .*Cannot find module '\/there\/is\/no\/such\/file\.js'/,
        ),
        hint: expect.stringContaining('Install'),
      })
    }
    vi.unstubAllEnvs()
    await workers.close()
    await expect(predict(model)).resolves.toBeDefined()
  })

  test('is kept while there are jobs, and ends when idle', async () => {
    workers = open({ idleTimeoutMs: 500 })
    const model = await saveModel('plain', graphs.brightness)
    await predict(model)
    const [child] = listChildren()
    await predict(model)
    expect(listChildren()).toEqual([child])
    await waitUntil(() => listChildren().length === 0)
    await expect(predict(model)).resolves.toBeDefined()
  })
})

describe('close', () => {
  test('aborts running and waiting jobs, and ends all processes', async () => {
    const endless = await saveEndless()
    const plain = await saveModel('plain', graphs.brightness)
    const runs = [predict(plain), predict(endless, { side: endlessSide }), predict(plain)]
    await runs[0]
    const outcome = Promise.allSettled(runs.slice(1))
    await sleep(500)
    await workers.close()
    if (seesProcesses) await waitUntil(() => listChildren().length === 0)
    for (const run of await outcome) {
      expect(run).toMatchObject({
        reason: { code: 'ABORTED', cause: { message: 'The remover was closed.' } },
      })
    }
  })

  test('can be called at any time, and later jobs run', async () => {
    const model = await saveModel('plain', graphs.brightness)
    await workers.close()
    await predict(model)
    await Promise.all([workers.close(), workers.close()])
    await expect(predict(model)).resolves.toBeDefined()
  })
})
