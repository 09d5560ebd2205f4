import { stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type Tinypool from 'tinypool'
import { estimateMemory, type MemoryMode, planMemory } from '../models/memory.ts'
import type { Model } from '../models/table.ts'
import { readFreeMemory } from '../shared/free-memory.ts'
import type { ExecutionProvider, Raster } from '../shared/types.ts'
import { openPool } from './open-pool.ts'

/** A pool of the one process that runs a model, and how it was planned. */
interface ModelProcess {
  pool: Tinypool
  keepBuffers: boolean
}

/** The processes of all models, of which one works at a time. */
export interface ModelProcesses {
  /**
   * The model's process as it is, or, where it has ended, planned again for the memory that there is now. Where that is
   * short, the idle processes of other models make room first.
   *
   * @param path of the weights.
   * @param pictures of the next job: the network's input, and finer ones.
   * @throws {NobgError} INSUFFICIENT_MEMORY, if all runs on the processor: of a graphics card's memory nothing is known
   */
  find(model: Model, path: string, pictures: readonly Raster[]): Promise<ModelProcess>
  /** Ends all of them, at work or idle. */
  end(): Promise<void>
}

export interface ProcessSettings {
  /** What runs the models, the first choice first. */
  executionProviders: readonly ExecutionProvider[]
  /** Whether the processes keep their buffers, and whether memory is asked for first. */
  memory: MemoryMode
  /** How long an idle worker keeps its model in memory. */
  idleTimeoutMs: number
}

/**
 * Opens no process yet: a pool's first job does.
 *
 * @param readFree memory that may still be taken, in bytes.
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
    // A pool never hears the end of a process that is dying already: only those alive can be waited for.
    if (estimate.keepingBytes > readFree()) await endAll(isAlive)
    // A process that was killed takes a moment to give its gigabytes back.
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

/** Size of the weights; 0 where they are not there, of which the session will complain. */
async function readSize(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0
}
