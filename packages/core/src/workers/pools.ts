import { extname } from 'node:path'
import PQueue from 'p-queue'
import Tinypool from 'tinypool'
import { abortError, NobgError } from '../errors.ts'
import type { SessionSettings } from '../models/session.ts'
import type { Model } from '../models/table.ts'
import type { Raster } from '../types.ts'
import type { Composed, ComposeTask } from './compose.worker.ts'
import type { InferenceTask, Prediction } from './inference.worker.ts'
import { type Reply, readReply } from './reply.ts'

export interface PoolSettings extends SessionSettings {
  /** How long an idle worker keeps its model in memory. */
  idleTimeoutMs: number
  /** Rasters composed at the same time. */
  concurrency: number
}

/** The work that must not happen on the main thread. Workers start with the first job and end when idle. */
export interface Workers {
  /**
   * Predicts a matte in the model's own process; jobs of all models wait in one queue, because one inference fills the CPU.
   *
   * @param findWeights called when the model's turn has come, so that nothing is fetched twice.
   * @param picture uint8, [height, width, 3], at the operating resolution.
   * @param onStart called when the weights are there and the model begins.
   * @throws {NobgError} WEIGHTS_CORRUPT, INFERENCE_FAILED (also when the process died), ABORTED
   */
  predict(
    model: Model,
    findWeights: () => Promise<string>,
    picture: Raster,
    signal?: AbortSignal,
    onStart?: () => void,
  ): Promise<Prediction>
  /**
   * Joins a raster and a matte to a cut-out in a thread. Both buffers are moved, not copied: they are
   * empty for the caller afterwards.
   */
  compose(task: ComposeTask, signal?: AbortSignal): Promise<Composed>
  close(): Promise<void>
}

/** Sources run as .ts inside the workspace and as .js once published. */
const workerFile = (name: string) => new URL(`./${name}.worker${extname(import.meta.url)}`, import.meta.url).href

export function createWorkers(settings: PoolSettings): Workers {
  const turn = new PQueue({ concurrency: 1 })
  const models = new Map<string, Tinypool>()
  let threads: Tinypool | undefined

  function openModel(id: string): Tinypool {
    const existing = models.get(id)
    if (existing) return existing
    const pool = new Tinypool({
      filename: workerFile('inference'),
      runtime: 'child_process',
      serialization: 'advanced',
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: settings.idleTimeoutMs,
      env: process.env as Record<string, string>,
      execArgv: [],
    })
    // An idle child that dies has no job to report to; its successor starts with the next one.
    pool.on('error', () => dropModel(id, pool))
    models.set(id, pool)
    return pool
  }

  function dropModel(id: string, pool: Tinypool): void {
    if (models.get(id) === pool) models.delete(id)
    void pool.destroy()
  }

  async function runModel(task: InferenceTask, signal?: AbortSignal): Promise<Prediction> {
    const { id } = task.model
    const pool = openModel(id)
    try {
      return readReply((await pool.run(task, { signal })) as Reply<Prediction>)
    } catch (error) {
      if (error instanceof NobgError) throw error
      dropModel(id, pool)
      if (signal?.aborted) throw abortError(signal)
      throw new NobgError('INFERENCE_FAILED', `The process that ran ${id} died: ${(error as Error).message}.`, {
        hint: 'Most often the machine ran out of memory: try a lighter model, or give it more memory.',
        cause: error,
      })
    }
  }

  return {
    async predict(model, findWeights, picture, signal, onStart) {
      try {
        return await turn.add(
          async () => {
            const path = await findWeights()
            onStart?.()
            return runModel({ model, path, settings: { threads: settings.threads }, picture }, signal)
          },
          { signal },
        )
      } catch (error) {
        throw signal?.aborted ? abortError(signal) : error
      }
    },
    async compose(task, signal) {
      threads ??= new Tinypool({
        filename: workerFile('compose'),
        minThreads: 0,
        maxThreads: settings.concurrency,
        idleTimeout: settings.idleTimeoutMs,
        execArgv: [],
      })
      try {
        const transferList = [task.raster.data.buffer, task.matte.data.buffer] as ArrayBuffer[]
        return readReply((await threads.run(task, { transferList, signal })) as Reply<Composed>)
      } catch (error) {
        throw signal?.aborted ? abortError(signal) : error
      }
    },
    async close() {
      await Promise.all([...models.values(), ...(threads ? [threads] : [])].map(pool => pool.destroy()))
      models.clear()
      threads = undefined
    },
  }
}
