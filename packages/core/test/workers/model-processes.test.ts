import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  createModelProcesses,
  type ModelProcesses,
  type ProcessSettings,
} from '../../src/workers/model-processes.ts'
import * as graphs from '../support/graphs.ts'
import { plainWorkers } from '../support/plain-workers.ts'

const picture = { data: new Uint8Array(3 * 16), width: 4, height: 4, channels: 3 } as const
const plenty = 1e9
/** More memory than the weights of a test's graph, less than the estimate for the graph. */
const little = 1000

let dir: string
let free: number
let processes: ModelProcesses

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-processes-'))
  free = plenty
  open()
})

afterEach(async () => {
  await processes.end()
  await rm(dir, { recursive: true, force: true })
})

function open(settings: Partial<ProcessSettings> = {}): void {
  processes = createModelProcesses({ ...plainWorkers, ...settings }, () => free)
}

const batch = { isBatch: true, isLarge: false }
const small = { isBatch: false, isLarge: false }
const large = { isBatch: false, isLarge: true }

/** Runs one job in the process of a model. */
async function start(id: string, load = batch) {
  const path = join(dir, `${id}.onnx`)
  const model = await graphs.saveModel(path, graphs.brightness, { id, resolution: 4 })
  const found = await processes.find(model, path, [picture], load)
  const { keepBuffers } = found
  const settings = { threads: 1, executionProviders: ['cpu'], keepBuffers }
  await found.pool.run({ model, path, settings, picture })
  return found
}

const isAlive = ({ pool }: Awaited<ReturnType<typeof start>>) => pool.threads.length > 0

test('keeps the processes of several models while there is enough memory', async () => {
  const [one, other] = [await start('one'), await start('other')]
  expect([isAlive(one), isAlive(other), one.keepBuffers]).toEqual([true, true, true])
  free = little
  expect(await start('one')).toBe(one)
})

test('ends idle processes if memory is short, and does not keep buffers', async () => {
  const one = await start('one')
  free = little
  const other = await start('other')
  expect([isAlive(one), isAlive(other), other.keepBuffers]).toEqual([false, true, false])
  free = plenty
  const again = await start('one')
  expect(again).not.toBe(one)
  expect(again.keepBuffers).toBe(true)
})

test('keeps buffers for a small picture', async () => {
  expect((await start('one', small)).keepBuffers).toBe(true)
})

test('keeps no buffers for a single large picture, and replaces the process when a batch begins', async () => {
  const single = await start('one', large)
  expect(single.keepBuffers).toBe(false)
  expect(await start('one', large)).toBe(single)
  expect(await start('one', small)).toBe(single)
  free = little
  expect(await start('one', batch)).toBe(single)
  free = plenty
  const next = await start('one', batch)
  expect([next.keepBuffers, isAlive(next), isAlive(single)]).toEqual([true, true, false])
  expect(await start('one', large)).toBe(next)
})

test('refuses a model that does not fit, but not on a GPU', async () => {
  free = 10
  await expect(start('one')).rejects.toMatchObject({ code: 'INSUFFICIENT_MEMORY' })
  open({ executionProviders: ['webgpu', 'cpu'] })
  expect((await start('one')).keepBuffers).toBe(false)
})
