import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NobgError } from '../../src/errors.ts'
import type { Matte, Raster } from '../../src/types.ts'
import type { ComposeTask } from '../../src/workers/compose.worker.ts'
import { createWorkers, type Workers } from '../../src/workers/pools.ts'
import { plainWorkers } from '../support/plain-workers.ts'

let workers: Workers

beforeEach(() => {
  workers = createWorkers(plainWorkers)
})

afterEach(() => workers.close())

/** A grey raster under a matte that is opaque on its left half. */
function createTask(side: number, task: Partial<ComposeTask> = {}): ComposeTask {
  const raster: Raster = {
    data: new Uint8Array(side * side * 3).fill(99),
    width: side,
    height: side,
    channels: 3,
  }
  const data = Uint8Array.from({ length: side * side }, (_, index) => (index % side < side / 2 ? 255 : 0))
  const matte: Matte = { data, width: side, height: side }
  return {
    raster,
    matte,
    settings: { matteUpsampling: 'guided', refineForeground: false },
    mask: false,
    ...task,
  }
}

const empty: Matte = { data: new Uint8Array(64), width: 8, height: 8 }

/** More memory than an address space holds. */
const absurd: Raster = { data: new Uint8Array(12), width: 2 ** 24, height: 2 ** 24, channels: 3 }

test('a cut-out and its mask come back, and the buffers are moved', async () => {
  const task = createTask(4, { mask: true })
  const { raster, mask } = await workers.compose(task)
  expect([raster.width, raster.height, raster.channels]).toEqual([4, 4, 4])
  expect([...raster.data.subarray(0, 16)]).toEqual([99, 99, 99, 255, 99, 99, 99, 255, 0, 0, 0, 0, 0, 0, 0, 0])
  expect([...(mask?.data ?? [])].slice(0, 4)).toEqual([255, 255, 0, 0])
  expect([task.raster.data.byteLength, task.matte.data.byteLength]).toEqual([0, 0])
})

test('no mask where none is asked for', async () => {
  expect((await workers.compose(createTask(4))).mask).toBeUndefined()
})

test('more jobs than threads, some of which fail', async () => {
  const crop = { margin: 0, unit: 'px' } as const
  const settings = { matteUpsampling: 'guided', refineForeground: false, crop } as const
  const settled = await Promise.allSettled([
    workers.compose(createTask(8, { settings })),
    workers.compose(createTask(8, { settings, matte: empty })),
    workers.compose(createTask(8, { raster: absurd })),
    workers.compose(createTask(16)),
  ])
  expect(settled).toMatchObject([
    { value: { raster: { width: 4, height: 8 } } },
    { reason: { code: 'NO_SUBJECT', hint: expect.any(String) } },
    { reason: { code: 'INFERENCE_FAILED', message: expect.stringContaining('RangeError') } },
    { value: { raster: { width: 16, height: 16 } } },
  ])
})

describe('an abort', () => {
  /** Translucent all over, which is seconds of work. */
  function createLargeTask(): ComposeTask {
    const side = 3000
    const matte: Matte = { data: new Uint8Array(side * side).fill(128), width: side, height: side }
    return createTask(side, {
      matte,
      settings: { matteUpsampling: 'guided', refineForeground: 'multi-level' },
    })
  }

  /** What became of a job, without its pixels: a diff of megabytes would be the end of the test runner. */
  const outcomeOf = (run: Promise<unknown>) =>
    run.then(
      () => 'done',
      (error: NobgError) => error.code,
    )

  test('ends the thread that works, and the next image has a new one', async () => {
    const stop = new AbortController()
    const run = workers.compose(createLargeTask(), stop.signal)
    const next = workers.compose(createTask(4))
    setTimeout(() => stop.abort(), 300)
    expect(await outcomeOf(run)).toBe('ABORTED')
    expect(await outcomeOf(next)).toBe('done')
  })

  test('takes a waiting job out of the queue', async () => {
    const stop = new AbortController()
    const first = workers.compose(createTask(64))
    const second = workers.compose(createTask(64), stop.signal)
    stop.abort()
    expect(await outcomeOf(second)).toBe('ABORTED')
    expect(await outcomeOf(first)).toBe('done')
  })

  test('by closing', async () => {
    const runs = [workers.compose(createLargeTask()), workers.compose(createTask(4))].map(outcomeOf)
    await workers.close()
    expect(await Promise.all(runs)).toEqual(['ABORTED', 'ABORTED'])
    expect(await outcomeOf(workers.compose(createTask(4)))).toBe('done')
  })
})
