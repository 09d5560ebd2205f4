import type Tinypool from 'tinypool'
import { NobgError, throwIfAborted } from '../errors.ts'
import type { Model } from '../models/table.ts'
import type { ExecutionProvider, Logger, Raster, Refusal } from '../types.ts'
import type { Composed, ComposeTask } from './compose.worker.ts'
import type { InferenceTask, Prediction } from './inference.worker.ts'
import { createJobQueue } from './job-queue.ts'
import { createModelProcesses, type ProcessSettings } from './model-processes.ts'
import { openPool } from './open-pool.ts'
import { type Reply, readReply } from './reply.ts'

export interface WorkerSettings extends ProcessSettings {
  /** Threads of one inference; 0 leaves it to ONNX Runtime. */
  threads: number
  /** Rasters composed at the same time. */
  concurrency: number
  /** Hears once of each execution provider that does not run a model. */
  logger: Logger
}

/** The work that must not happen on the main thread. Workers start with the first job and end when idle. */
export interface Workers {
  /**
   * Predicts a matte in the model's own process; jobs of all models wait in one queue, because one inference fills the CPU.
   *
   * @param path where the weights lie; `model` holds the size and digest of that very file.
   * @param picture uint8, [height, width, 3], at the operating resolution.
   * @param onStart called when the model's turn has come, and there is memory for it.
   * @throws {NobgError} WEIGHTS_CORRUPT, INSUFFICIENT_MEMORY, INFERENCE_FAILED (also when the process died), ABORTED
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
export function createWorkers(settings: WorkerSettings): Workers {
  const { idleTimeoutMs, concurrency } = settings
  const inferences = createJobQueue(1)
  // A pool that is never given more jobs than it has threads cannot leave one waiting behind a thread that died.
  const compositions = createJobQueue(concurrency)
  const processes = createModelProcesses(settings)
  const warn = createRefusalLog(settings.logger)
  let threads: Tinypool | undefined

  function findThreads(): Tinypool {
    threads ??= openPool('compose', { runtime: 'worker_threads', size: concurrency, idleTimeoutMs })
    return threads
  }

  return {
    predict: (model, path, picture, signal, onStart) =>
      inferences.run(async signal => {
        const { pool, keepBuffers } = await processes.find(model, path, picture)
        throwIfAborted(signal)
        onStart?.()
        const { threads, executionProviders } = settings
        const task = { model, path, settings: { threads, executionProviders, keepBuffers }, picture }
        const prediction = await infer(pool, task, signal)
        warn(model, prediction.refusals)
        return prediction
      }, signal),
    compose: (task, signal) =>
      compositions.run(signal => {
        return join(findThreads(), task, signal)
      }, signal),
    async close() {
      // In this order: a pool does not wait for the end of a worker whose job was aborted before.
      const ended = [processes.end(), threads?.destroy()]
      threads = undefined
      for (const queue of [inferences, compositions]) queue.abortAll(new Error('The remover was closed.'))
      await Promise.allSettled(ended)
    },
  }
}

/** Tells once of each execution provider that was refused, with the first reason. */
function createRefusalLog(logger: Logger): (model: Model, refusals: readonly Refusal[]) => void {
  const told = new Set<ExecutionProvider>()
  return (model, refusals) => {
    for (const { executionProvider, reason } of refusals) {
      if (told.has(executionProvider)) continue
      told.add(executionProvider)
      logger.warn(`nobg: the execution provider ${executionProvider} does not run ${model.id}: ${reason}`)
    }
  }
}

async function infer(pool: Tinypool, task: InferenceTask, signal: AbortSignal): Promise<Prediction> {
  let heard = false
  const channel = { postMessage: () => (heard = true) }
  const run = (): Promise<Reply<Prediction>> => pool.run(task, { signal, channel })
  const reply = await run()
    // A process that died while idle, and whose end is not known yet, never hears of the job: its successor can have it.
    // A job that was cancelled waited for a process that could not start, and the next one could not, either.
    .catch(error => {
      if (heard || signal.aborted || error.name === 'CancelError') throw error
      return run()
    })
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
