import type Tinypool from 'tinypool'
import type { Model } from '../models/table.ts'
import { throwIfAborted } from '../shared/errors.ts'
import type { ExecutionProvider, Logger, Raster, Refusal } from '../shared/types.ts'
import { explainDeath } from './explain-death.ts'
import { type ImageThread, withImageThread } from './image-thread.ts'
import type { InferenceTask } from './inference.worker.ts'
import { createJobQueue } from './job-queue.ts'
import { createModelProcesses, type ProcessSettings } from './model-processes.ts'
import { openPool } from './open-pool.ts'
import type { OnPass, Prediction } from './predict-matte.ts'
import { type Reply, readReply } from './reply.ts'
import { readDeath, watchProcess } from './watch-deaths.ts'

export interface WorkerSettings extends ProcessSettings {
  /** Threads of one inference; 0 leaves it to ONNX Runtime. */
  threads: number
  /** Pictures worked on at the same time. */
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
   * @param pictures each uint8, [height, width, 3]: the network's input, and finer ones to look at in parts, ascending.
   * @param onPass called when the model's turn has come, and there is memory for it, and after each run of several: how many
   *   are done, out of how many.
   * @throws {NobgError} WEIGHTS_CORRUPT, INSUFFICIENT_MEMORY, INFERENCE_FAILED (also when the process died), ABORTED
   */
  predict(
    model: Model,
    path: string,
    pictures: readonly Raster[],
    signal?: AbortSignal,
    onPass?: OnPass,
  ): Promise<Prediction>
  /**
   * Runs a job that has a thread for one picture for itself, when its turn has come. The signal that the job gets fires
   * with the caller's own, and with `close`.
   *
   * @throws {NobgError} ABORTED, at once; the next job starts when the thread is free
   */
  withImageThread<Value>(
    job: (thread: ImageThread, signal: AbortSignal) => Promise<Value>,
    signal?: AbortSignal,
  ): Promise<Value>
  /** Pictures that wait for a thread or have one. */
  countPictures(): number
  /** Ends all workers; jobs that run or wait are ABORTED. A later job starts them again. */
  close(): Promise<void>
}

/** Opens no worker yet: the first job does. */
export function createWorkers(settings: WorkerSettings): Workers {
  const { idleTimeoutMs, concurrency } = settings
  const inferences = createJobQueue(1)
  // A pool that is never given more jobs than it has threads cannot leave one waiting behind a thread that died.
  const pictures = createJobQueue(concurrency)
  const processes = createModelProcesses(settings)
  const warn = createRefusalLog(settings.logger)
  let threads: Tinypool | undefined

  function findThreads(): Tinypool {
    threads ??= openPool('image', { runtime: 'worker_threads', size: concurrency, idleTimeoutMs })
    return threads
  }

  return {
    predict: (model, path, pictures, signal, onPass) =>
      inferences.run(async signal => {
        const { pool, keepBuffers } = await processes.find(model, path, pictures)
        throwIfAborted(signal)
        onPass?.(0, 1)
        const { threads, executionProviders } = settings
        const task = { model, path, settings: { threads, executionProviders, keepBuffers }, pictures }
        const prediction = await infer(pool, task, signal, onPass)
        warn(model, prediction.refusals)
        return prediction
      }, signal),
    withImageThread: (job, signal) =>
      pictures.run(signal => withImageThread(findThreads(), thread => job(thread, signal)), signal),
    countPictures: () => pictures.count(),
    async close() {
      const free = threads
      threads = undefined
      // In this order: a pool does not wait for the end of a process whose job was aborted before. Threads, however, are
      // ended when they are free.
      const ended = processes.end()
      const reason = new Error('The remover was closed.')
      await Promise.allSettled([ended, inferences.abortAll(reason), pictures.abortAll(reason)])
      await free?.destroy()
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

async function infer(
  pool: Tinypool,
  task: InferenceTask,
  signal: AbortSignal,
  onPass?: OnPass,
): Promise<Prediction> {
  let heard = false
  const channel = {
    postMessage(message: Parameters<OnPass> | 'heard') {
      heard = true
      if (message !== 'heard') onPass?.(...message)
    },
  }
  const run = (): Promise<Reply<Prediction>> => {
    const ran = pool.run(task, { signal, channel })
    watchProcess(pool)
    return ran
  }
  const reply = await run()
    // A process that died while idle, and whose end is not known yet, never hears of the job: its successor can have it.
    // A job that was cancelled waited for a process that could not start, and the next one could not, either.
    .catch(error => {
      if (heard || signal.aborted || error.name === 'CancelError') throw error
      return run()
    })
    .catch(async error => {
      if (signal.aborted) throw error
      throw explainDeath(`The process that ran ${task.model.id}`, await readDeath(pool, error))
    })
  return readReply(reply)
}
