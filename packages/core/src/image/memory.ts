import { setImmediate } from 'node:timers/promises'
import { isArrayBuffer } from 'node:util/types'
import { throwIfAborted } from '../shared/errors.ts'

// A memory that was never touched before takes 1 to 10 ms for so much, depending on the machine.
const chunkBytes = 4 * 2 ** 20

/**
 * Gives an array's memory back at once; it has no bytes afterwards. The garbage collector would come for it as well, but
 * it does not feel the weight of sharp's pictures: two or three of 96 MB lie about before it moves.
 */
export function freeMemory({ buffer, byteLength }: Uint8Array): void {
  // Without bytes it has been given back or moved before.
  if (byteLength === 0) return
  // A view of a part may share its memory with others.
  if (isArrayBuffer(buffer) && byteLength === buffer.byteLength) buffer.transfer(0)
}

/**
 * A copy in an ArrayBuffer of its own, which can be moved to a thread. The event loop turns once per 4 MiB.
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
