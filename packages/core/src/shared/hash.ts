import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { throwIfAborted } from './errors.ts'
import type { RasterInput } from './types.ts'

// 2 to 10 ms of hashing, depending on the processor's SHA instructions.
const chunkBytes = 4 * 2 ** 20

/**
 * sha256 of `bytes`, 64 hex digits. The event loop turns once per 4 MiB. (`crypto.subtle` hashes in another thread but
 * first copies its input, which takes as long as hashing it here.)
 *
 * @throws {NobgError} ABORTED
 */
export async function digestBytes(bytes: Uint8Array, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  for (let start = 0; start < bytes.byteLength; start += chunkBytes) {
    if (start > 0) await setImmediate()
    throwIfAborted(signal)
    hash.update(bytes.subarray(start, start + chunkBytes))
  }
  return hash.digest('hex')
}

/**
 * sha256 of pixels together with their shape, 64 hex digits: never that of a file.
 *
 * @throws {NobgError} ABORTED
 */
export async function digestPixels(
  bytes: Uint8Array,
  { width, height, channels }: Omit<RasterInput, 'data'>,
  signal?: AbortSignal,
): Promise<string> {
  const pixels = await digestBytes(bytes, signal)
  return createHash('sha256').update(`raster ${width}×${height}×${channels} ${pixels}`).digest('hex')
}
