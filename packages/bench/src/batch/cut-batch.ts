// Child process: cuts out a batch of pictures and sends its cost.
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { basename, join } from 'node:path'
import { contestants } from '../contestants.ts'
import { type LoopDelay, watchLoop } from '../loop-delay.ts'
import type { BenchModel, Pipeline } from '../pipelines/pipeline.ts'
import { readTreeCpuMs } from '../sample.ts'
import { takeRunTime } from '../session-clock.ts'

/** A batch and its contestant. */
export interface BatchOrder {
  contestant: string
  model: BenchModel
  /** Number of pictures that the contestant gets at the same time; 0: all. */
  atOnce: number
  /** Paths. */
  pictures: string[]
  /** Folder for finished pictures. */
  folder: string
}

/** Cost of a batch, from the import of the contestant's code to the last file. Times in ms. */
export interface BatchSample {
  wallMs: number
  /** CPU time of all threads and processes. */
  cpuMs: number
  /** Wall time inside `InferenceSession.run`, summed over the batch. */
  runWallMs: number
  /** The same for one picture on an otherwise idle machine. */
  aloneMs: number
  delay: LoopDelay
  cores: number
  /** Share of the time of all cores in which the machine was idle, 0 to 1. */
  idleShare: number
  /** Times at which pictures were finished, in ms since 1970, ascending. */
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
  const cores = cpus().length
  const idleShare = (readIdleMs() - idle) / (wallMs * cores)
  const delay = await loop.stop()
  const { wallMs: runWallMs } = takeRunTime()
  const aloneMs = await timeAlone(pipeline, pictures[0])
  return { wallMs, cpuMs, runWallMs, aloneMs, delay, cores, idleShare, doneAt }
}

/** Runs a job for each item, `atOnce` at a time. */
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

/** Returns the idle time of all cores since the start of the machine, in ms. */
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
