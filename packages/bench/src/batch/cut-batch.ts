// A process of its own: cuts out a batch of pictures, and says what it cost.
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { basename, join } from 'node:path'
import { contestants } from '../contestants.ts'
import { type LoopDelay, watchLoop } from '../loop-delay.ts'
import type { BenchModel, Pipeline } from '../pipelines/pipeline.ts'
import { readTreeCpuMs } from '../sample.ts'
import { takeRunTime } from '../session-clock.ts'

/** What is to be cut out, and by whom. */
export interface BatchOrder {
  contestant: string
  model: BenchModel
  /** Pictures that the contestant is given at the same time, 0 for all of them. */
  atOnce: number
  /** Paths. */
  pictures: string[]
  /** Where finished pictures may go. */
  folder: string
}

/** What a batch cost: from the import of the contestant's code to the last file. Times in ms. */
export interface BatchSample {
  wallMs: number
  /** Of all threads and processes. */
  cpuMs: number
  /** Wall time inside `InferenceSession.run`, summed over the batch. */
  runWallMs: number
  /** The same for one picture, when the machine had nothing else to do. */
  aloneMs: number
  delay: LoopDelay
  /** Part of all cores' time that the machine was idle, 0 to 1. */
  idleShare: number
  /** When each picture was finished, in ms since 1970, in order. */
  doneAt: number[]
}

export type BatchAnswer = BatchSample | { error: string }

process.once('message', async (order: BatchOrder) => {
  process.send?.(await answer(order))
})
process.on('disconnect', () => process.exit())

async function answer(order: BatchOrder): Promise<BatchAnswer> {
  try {
    return await takeBatch(order)
  } catch (error) {
    return { error: String((error as Error)?.message ?? error).split('\n')[0] }
  }
}

async function takeBatch({ contestant, model, atOnce, pictures, folder }: BatchOrder): Promise<BatchSample> {
  await mkdir(folder, { recursive: true })
  const cpu = readTreeCpuMs()
  const idle = readIdleMs()
  const wall = performance.now()
  const pipeline = await contestants.find(({ id }) => id === contestant)!.open(model)
  const loop = await watchLoop()
  const doneAt: number[] = []
  await shareOut(pictures, atOnce || pictures.length, async path => {
    await keep(pipeline, path, folder)
    doneAt.push(Date.now())
  })
  const wallMs = performance.now() - wall
  const cpuMs = readTreeCpuMs() - cpu
  const idleShare = (readIdleMs() - idle) / (wallMs * cpus().length)
  const delay = await loop.stop()
  const { wallMs: runWallMs } = takeRunTime()
  const aloneMs = await timeAlone(pipeline, pictures[0])
  return { wallMs, cpuMs, runWallMs, aloneMs, delay, idleShare, doneAt }
}

/** Does a job for each item, `atOnce` at a time. */
async function shareOut<Item>(
  items: readonly Item[],
  atOnce: number,
  job: (item: Item) => Promise<void>,
): Promise<void> {
  const rest = items.values()
  const takeOver = async () => {
    for (const item of rest) await job(item)
  }
  await Promise.all(Array.from({ length: atOnce }, takeOver))
}

async function keep(pipeline: Pipeline, path: string, folder: string): Promise<void> {
  if (pipeline.keep) return void (await pipeline.keep(path))
  const { bytes } = await pipeline.cut(path)
  await writeFile(join(folder, `${basename(path, '.jpg')}.png`), bytes)
}

/** Idle time of all cores since the machine was started, in ms. */
function readIdleMs(): number {
  return cpus().reduce((sum, { times }) => sum + times.idle, 0)
}

async function timeAlone(pipeline: Pipeline, path: string): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < 5; i++) {
    await pipeline.forget?.(path)
    await pipeline.cut(path)
    times.push(takeRunTime().wallMs)
  }
  return Math.min(...times)
}
