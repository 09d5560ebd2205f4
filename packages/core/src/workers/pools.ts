import type Tinypool from 'tinypool'
import type { Model } from '../models/table.ts'
import { throwIfAborted } from '../shared/errors.ts'
import type { ExecutionProvider, Logger, ProviderRefusal, Raster } from '../shared/types.ts'
import { explainExit } from './explain-exit.ts'
import { type ImageThread, withImageThread } from './image-thread.ts'
import type { InferenceTask } from './inference.worker.ts'
import { createJobQueue } from './job-queue.ts'
import { createModelProcesses, type ProcessSettings } from './model-processes.ts'
import { openPool } from './open-pool.ts'
import type { OnPass, Prediction } from './predict-matte.ts'
import { type Reply, readReply } from './reply.ts'
import { createRuntimeLog } from './runtime-log.ts'
import { readExit, watchProcess } from './watch-exits.ts'

export interface WorkerSettings extends ProcessSettings {
  /** Threads of one inference; 0 lets ONNX Runtime choose. */
  threads: number
  /** Number of pictures processed at the same time. */
  concurrency: number
  /** Whether image work runs in processes instead of threads, so that an abort ends it at once. */
  isolate: boolean
  /** Gets one warning per execution provider that does not run a model. */
  logger: Logger
}

/** How a matte is predicted. */
export interface PredictionRun {
  /** Whether the decoded source takes much memory itself. */
  isLarge?: boolean
  signal?: AbortSignal
  /** Called before the first pass and after each pass, with the number of passes done and in total. */
  onPass?: OnPass
}

/** Runs work that must not block the main thread. Workers start with the first job and end when idle. */
export interface Workers {
  /**
   * Predicts a matte in the model's process. The jobs of all models share one queue, because one inference uses all cores.
   *
   * @param model its `bytes` and `sha256` describe the file at `path`
   * @param path path of the weights
   * @param pictures each uint8, [height, width, 3], sizes ascending: the network's input, then pictures to run in tiles
   * @throws {NobgError} WEIGHTS_CORRUPT, INSUFFICIENT_MEMORY, INFERENCE_FAILED (also if the process ended unexpectedly), ABORTED
   */
  predict(model: Model, path: string, pictures: readonly Raster[], run?: PredictionRun): Promise<Prediction>
  /**
   * Runs a job with an image thread reserved for it, when its turn comes. The job's signal fires with the caller's signal
   * and with `close`.
   *
   * @throws {NobgError} ABORTED at once; the next job starts when the thread is free
   */
  withImageThread<Value>(
    job: (thread: ImageThread, signal: AbortSignal) => Promise<Value>,
    signal?: AbortSignal,
  ): Promise<Value>
  /** Number of pictures that wait for a thread or have one. */
  countPictures(): number
  /** Ends all workers and aborts all jobs. A later job starts the workers again. */
  close(): Promise<void>
}

/** Starts no worker yet: the first job does. */
export function createWorkers(settings: WorkerSettings): Workers {
  const { idleTimeoutMs, concurrency, isolate } = settings
  const inferences = createJobQueue(1)
  // The pool never gets more jobs than it has threads: a waiting job could be stuck behind a thread that has ended.
  const pictures = createJobQueue(concurrency)
  const processes = createModelProcesses(settings)
  const warn = createRefusalLog(settings.logger)
  const logRuntime = createRuntimeLog(settings.logger)
  let threads: Tinypool | undefined

  function findThreads(): Tinypool {
    const runtime = isolate ? 'child_process' : 'worker_threads'
    threads ??= openPool('image', { runtime, size: concurrency, idleTimeoutMs })
    return threads
  }

  return {
    predict: (model, path, rasters, { isLarge = false, signal, onPass } = {}) =>
      inferences.run(async signal => {
        const { pool, keepBuffers } = await processes.find(model, path, rasters, {
          isBatch: pictures.count() > 1,
          isLarge,
        })
        throwIfAborted(signal)
        onPass?.(0, 1)
        const { threads, executionProviders } = settings
        const task = {
          model,
          path,
          settings: { threads, executionProviders, keepBuffers },
          pictures: rasters,
        }
        const prediction = await infer(pool, task, signal, onPass)
        logRuntime(prediction.runtime)
        warn(model, prediction.refusals)
        return prediction
      }, signal),
    withImageThread: (job, signal) =>
      pictures.run(signal => withImageThread(findThreads(), isolate, thread => job(thread, signal)), signal),
    countPictures: () => pictures.count(),
    async close() {
      const free = threads
      threads = undefined
      // The order matters: a pool does not wait for a process whose job was aborted before. Threads end once they are free.
      const ended = processes.end()
      const reason = new Error('The remover was closed.')
      await Promise.allSettled([ended, inferences.abortAll(reason), pictures.abortAll(reason)])
      await free?.destroy()
    },
  }
}

/** Logs each execution provider that failed once, with the first reason. */
function createRefusalLog(logger: Logger): (model: Model, refusals: readonly ProviderRefusal[]) => void {
  const logged = new Set<ExecutionProvider>()
  return (model, refusals) => {
    for (const { executionProvider, reason } of refusals) {
      if (logged.has(executionProvider)) continue
      logged.add(executionProvider)
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
  let started = false
  const channel = {
    postMessage(message: Parameters<OnPass> | 'started') {
      started = true
      if (message !== 'started') onPass?.(...message)
    },
  }
  const run = (): Promise<Reply<Prediction>> => {
    const ran = pool.run(task, { signal, channel })
    watchProcess(pool)
    return ran
  }
  const reply = await run()
    // If the process ended while idle, the job never started, and the next process can run it. A canceled job waited for a
    // process that failed to start; the next process would fail too.
    .catch(error => {
      if (started || signal.aborted || error.name === 'CancelError') throw error
      return run()
    })
    .catch(async error => {
      if (signal.aborted) throw error
      throw explainExit(`The process that ran ${task.model.id}`, await readExit(pool, error))
    })
  return readReply(reply)
}
