import { setImmediate } from 'node:timers/promises'
import { isArrayBuffer } from 'node:util/types'
import { isMarkedAsUntransferable } from 'node:worker_threads'
import { freeMemory } from '../image/memory.ts'

/**
 * Prepares the array in a result's `data` for transfer to another thread. Memory of sharp cannot be transferred, and memory of its
 * WebAssembly build is shared: both are copied.
 */
export async function makeMovable(result: unknown): Promise<unknown> {
  if (!holdsData(result) || isTransferable(result.data.buffer)) return result
  // Memory that the step freed is released in the next turn, so that the copy can use it.
  await setImmediate()
  const data = new Uint8Array(result.data)
  freeMemory(result.data)
  return { ...result, data }
}

function isTransferable(buffer: ArrayBufferLike): boolean {
  return isArrayBuffer(buffer) && !isMarkedAsUntransferable(buffer)
}

/** The memory of a prepared result that is moved. */
export function listMovable(result: unknown): ArrayBuffer[] {
  return holdsData(result) ? [result.data.buffer as ArrayBuffer] : []
}

function holdsData(result: unknown): result is { data: Uint8Array } {
  return typeof result === 'object' && result !== null && 'data' in result
}
