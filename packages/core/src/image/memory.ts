import { setImmediate } from 'node:timers/promises'
import { isArrayBuffer } from 'node:util/types'
import { throwIfAborted } from '../shared/errors.ts'

// Copying this into fresh memory takes 1 to 10 ms, depending on the machine.
const chunkBytes = 4 * 2 ** 20

/**
 * Frees an array's memory at once; the array is empty afterwards. The garbage collector does not count sharp's memory: it
 * would run only after two or three pictures of 96 MB.
 */
export function freeMemory({ buffer, byteLength }: Uint8Array): void {
  // An empty array was freed or transferred before.
  if (byteLength === 0) return
  // A view of a part of the buffer may share the rest with other views.
  if (isArrayBuffer(buffer) && byteLength === buffer.byteLength) buffer.transfer(0)
}

/**
 * Copies bytes into a new ArrayBuffer, which can be transferred to a thread. Yields to the event loop every 4 MiB.
 *
 * @throws {NobgError} ABORTED
 */
export async function copyBytes(bytes: Uint8Array, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  const copy = new Uint8Array(bytes.byteLength)
  for (let start = 0; start < bytes.byteLength; start += chunkBytes) {
    if (start > 0) await setImmediate()
    throwIfAborted(signal)
    copy.set(bytes.subarray(start, start + chunkBytes), start)
  }
  return copy
}
