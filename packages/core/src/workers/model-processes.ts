import { stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type Tinypool from 'tinypool'
import { estimateMemory, type MemoryMode, planMemory } from '../models/memory.ts'
import type { Model } from '../models/table.ts'
import { readFreeMemory } from '../shared/free-memory.ts'
import type { ExecutionProvider, Raster } from '../shared/types.ts'
import { openPool } from './open-pool.ts'

/** The pool of one process that runs a model, and its memory plan. */
interface ModelProcess {
  pool: Tinypool
  keepBuffers: boolean
}

/** The processes of all models. One works at a time. */
export interface ModelProcesses {
  /**
   * Returns the model's process. If it has ended, its successor is planned for the memory that is free now. If that is not
   * enough, the idle processes of other models are ended first.
   *
   * @param path path of the weights
   * @param pictures pictures of the next job: the network's input, then pictures to run in tiles
   * @throws {NobgError} INSUFFICIENT_MEMORY, only if all execution providers are `cpu`: the memory of a GPU is unknown
   */
  find(model: Model, path: string, pictures: readonly Raster[]): Promise<ModelProcess>
  /** Ends all processes, working or idle. */
  end(): Promise<void>
}

export interface ProcessSettings {
  /** Execution providers in order of preference. */
  executionProviders: readonly ExecutionProvider[]
  /** Whether the processes keep their buffers, and whether free memory is checked first. */
  memory: MemoryMode
  /** Milliseconds after which an idle worker ends. */
  idleTimeoutMs: number
}

/**
 * Starts no process yet: a pool's first job does.
 *
 * @param readFree returns the memory that can still be allocated, bytes
 */
export function createModelProcesses(
  { executionProviders, memory, idleTimeoutMs }: ProcessSettings,
  readFree: () => number = readFreeMemory,
): ModelProcesses {
  const processes = new Map<string, ModelProcess>()
  const isOnProcessor = executionProviders.every(provider => provider === 'cpu')

  async function endAll(which: (process: ModelProcess) => boolean): Promise<void> {
    const ended = [...processes.values()].filter(which)
    processes.clear()
    await Promise.allSettled(ended.map(({ pool }) => pool.destroy()))
  }

  async function plan(
    model: Model,
    path: string,
    [{ width, height }, ...finer]: readonly Raster[],
  ): Promise<boolean> {
    const pixels = width * height
    const finest = finer.at(-1)
    const estimate = estimateMemory(
      model,
      await readSize(path),
      pixels,
      finest ? finest.width * finest.height : 0,
    )
    if (!isOnProcessor) estimate.leastBytes = 0
    // `destroy` would wait forever for a process that is already ending.
    if (estimate.keepingBytes > readFree()) await endAll(isAlive)
    // The system needs a moment to free the memory of an ended process.
    for (let waits = 0; waits < 10 && estimate.leastBytes > readFree(); waits++) await sleep(200)
    return planMemory(model, estimate, pixels, readFree(), memory).keepBuffers
  }

  return {
    async find(model, path, pictures) {
      const known = processes.get(model.id)
      if (known && isAlive(known)) return known
      const keepBuffers = await plan(model, path, pictures)
      if (processes.has(model.id) && known?.keepBuffers === keepBuffers) return known
      const pool = openPool('inference', {
        runtime: 'child_process',
        size: 1,
        idleTimeoutMs,
        frugal: !keepBuffers,
      })
      const opened = { pool, keepBuffers }
      processes.set(model.id, opened)
      return opened
    },
    end: () => endAll(() => true),
  }
}

function isAlive({ pool }: ModelProcess): boolean {
  return pool.threads.length > 0
}

/** Size of the weights, bytes; 0 if the file is missing, which the session reports later. */
async function readSize(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0
}
