import type Tinypool from 'tinypool'
import { NobgError } from '../errors.ts'
import type { SessionSettings } from '../models/session.ts'
import type { Model } from '../models/table.ts'
import type { Raster } from '../types.ts'
import type { Composed, ComposeTask } from './compose.worker.ts'
import type { InferenceTask, Prediction } from './inference.worker.ts'
import { createJobQueue } from './job-queue.ts'
import { openPool, type Runtime } from './open-pool.ts'
import { type Reply, readReply } from './reply.ts'

export interface WorkerSettings extends SessionSettings {
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
   * @param path where the weights lie; `model` holds the size and digest of that very file.
   * @param picture uint8, [height, width, 3], at the operating resolution.
   * @param onStart called when the model's turn has come.
   * @throws {NobgError} WEIGHTS_CORRUPT, INFERENCE_FAILED (also when the process died), ABORTED
   */
  predict(
    model: Model,
    path: string,
    picture: Raster,
    signal?: AbortSignal,
    onStart?: () => void,
  ): Promise<Prediction>
  /**
   * Joins a raster and a matte to a cut-out in a thread. Both buffers are moved, not copied: they are
   * empty for the caller afterwards.
   *
   * @throws {NobgError} NO_SUBJECT, INFERENCE_FAILED (out of memory), ABORTED
   */
  compose(task: ComposeTask, signal?: AbortSignal): Promise<Composed>
  /** Ends all workers; jobs that run or wait are ABORTED. A later job starts them anew. */
  close(): Promise<void>
}

/** Opens no worker yet: the first job does. */
export function createWorkers({ threads, idleTimeoutMs, concurrency }: WorkerSettings): Workers {
  const inferences = createJobQueue(1)
  // A pool that is never given more jobs than it has threads cannot leave one waiting behind a thread that died.
  const compositions = createJobQueue(concurrency)
  const pools = new Map<string, Tinypool>()

  function findPool(key: string, name: string, runtime: Runtime, size: number): Tinypool {
    const pool = pools.get(key) ?? openPool(name, { runtime, size, idleTimeoutMs })
    pools.set(key, pool)
    return pool
  }

  return {
    predict: (model, path, picture, signal, onStart) =>
      inferences.run(async signal => {
        onStart?.()
        const pool = findPool(`inference ${model.id}`, 'inference', 'child_process', 1)
        return infer(pool, { model, path, settings: { threads }, picture }, signal)
      }, signal),
    compose: (task, signal) =>
      compositions.run(signal => {
        return join(findPool('compose', 'compose', 'worker_threads', concurrency), task, signal)
      }, signal),
    async close() {
      // In this order: a pool does not wait for the end of a worker whose job was aborted before.
      const ended = [...pools.values()].map(pool => pool.destroy())
      pools.clear()
      for (const queue of [inferences, compositions]) queue.abortAll(new Error('The remover was closed.'))
      await Promise.allSettled(ended)
    },
  }
}

async function infer(pool: Tinypool, task: InferenceTask, signal: AbortSignal): Promise<Prediction> {
  let heard = false
  const channel = { postMessage: () => (heard = true) }
  const run = (): Promise<Reply<Prediction>> => pool.run(task, { signal, channel })
  const reply = await run()
    // A process that died while idle, and whose end is not known yet, never hears of the job: its successor can have it.
    .catch(error => (heard || signal.aborted ? Promise.reject(error) : run()))
    .catch(cause => {
      throw new NobgError('INFERENCE_FAILED', `The process that ran ${task.model.id} died.`, {
        hint: 'Most often the machine ran out of memory: try a lighter model, or give it more memory.',
        cause,
      })
    })
  return readReply(reply)
}

async function join(pool: Tinypool, task: ComposeTask, signal: AbortSignal): Promise<Composed> {
  const { width, height } = task.raster
  const transferList = [task.raster.data.buffer, task.matte.data.buffer] as ArrayBuffer[]
  const reply: Reply<Composed> = await pool.run(task, { transferList, signal }).catch(cause => {
    throw new NobgError('INFERENCE_FAILED', `Composing ${width}×${height} px failed: ${cause.message}.`, {
      hint: 'If the memory ran out, lower `concurrency`, or scale the image down.',
      cause,
    })
  })
  return readReply(reply)
}
