import { stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type Tinypool from 'tinypool'
import {
  estimateMemory,
  expectMemory,
  keepsBuffers,
  type MemoryDemand,
  type MemoryMode,
} from '../models/memory.ts'
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
   * enough, the idle processes of other models are ended first. A process that was started for a single large picture and keeps
   * no buffers is replaced when a batch begins, if the memory suffices.
   *
   * @param path path of the weights
   * @param pictures pictures of the next job: the network's input, then pictures to run in tiles
   * @throws {NobgError} INSUFFICIENT_MEMORY, only if all execution providers are `cpu`: the memory of a GPU is unknown
   */
  find(model: Model, path: string, pictures: readonly Raster[], load: Load): Promise<ModelProcess>
  /** Ends all processes, working or idle. */
  end(): Promise<void>
}

/** What decides, besides the free memory, whether buffers are kept. */
type Load = Pick<MemoryDemand, 'isBatch' | 'isLarge'>

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

  async function describeDemand(
    model: Model,
    path: string,
    [{ width, height }, ...finer]: readonly Raster[],
    load: Load,
  ): Promise<MemoryDemand> {
    const pixels = width * height
    const finest = finer.at(-1)
    const finePixels = finest ? finest.width * finest.height : 0
    const estimate = estimateMemory(model, await readSize(path), pixels, finePixels)
    if (!isOnProcessor) estimate.leastBytes = 0
    return { model, estimate, pixels, mode: memory, ...load }
  }

  /** Makes room for a new process. @throws {NobgError} INSUFFICIENT_MEMORY */
  async function makeRoom(demand: MemoryDemand): Promise<void> {
    const { estimate, isBatch } = demand
    const wantedBytes = isBatch ? estimate.keepingBytes : estimate.frugalBytes
    // `destroy` would wait forever for a process that is already ending.
    if (wantedBytes > readFree()) await endAll(isAlive)
    // The system needs a moment to free the memory of an ended process.
    for (let waits = 0; waits < 10 && estimate.leastBytes > readFree(); waits++) await sleep(200)
    expectMemory(demand, readFree())
  }

  return {
    async find(model, path, pictures, load) {
      const known = processes.get(model.id)
      const isKnownAlive = known !== undefined && isAlive(known)
      if (isKnownAlive && (known.keepBuffers || !load.isBatch)) return known
      const demand = await describeDemand(model, path, pictures, load)
      if (isKnownAlive) {
        if (!keepsBuffers(demand, readFree())) return known
        await known.pool.destroy()
      } else await makeRoom(demand)
      const keepBuffers = keepsBuffers(demand, readFree())
      if (processes.has(model.id) && !isKnownAlive && known?.keepBuffers === keepBuffers) return known
      const pool = openPool('inference', { runtime: 'child_process', size: 1, idleTimeoutMs })
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
