import { createHash, type Hash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { throwIfAborted } from './errors.ts'
import type { RasterInput } from './types.ts'

// 2 to 10 ms of hashing, depending on the processor's SHA instructions.
const CHUNK_BYTES = 4 * 2 ** 20

// Smaller, because the chunk of a file is also held in memory, for many files at the same time.
const FILE_CHUNK_BYTES = 2 ** 18

/** sha256 of `bytes`, or of text as UTF-8, 64 hex digits. Blocks the event loop. */
export function digestBytesSync(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/**
 * sha256 of `bytes`, 64 hex digits, for arrays of any size: the event loop turns once per 4 MiB. `crypto.subtle` would hash
 * in another thread, but first copies its input, which takes as long as hashing here.
 *
 * @throws {NobgError} ABORTED
 */
export async function digestBytes(bytes: Uint8Array, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  for (let start = 0; start < bytes.byteLength; start += CHUNK_BYTES) {
    if (start > 0) await setImmediate()
    throwIfAborted(signal)
    hash.update(bytes.subarray(start, start + CHUNK_BYTES))
  }
  return hash.digest('hex')
}

/**
 * sha256 of a file, 64 hex digits, read as a stream: a large file needs little memory.
 *
 * @throws {Error} the system's, or an AbortError
 */
export async function digestFile(path: string, signal?: AbortSignal): Promise<string> {
  const { hash } = await hashFile(path, signal)
  return hash.digest('hex')
}

/**
 * Hashes a file as {@link digestFile} does. Returns the sha256 so far, to which more bytes can be added, and the number of
 * hashed bytes.
 *
 * @throws {Error} the system's, or an AbortError
 */
export async function hashFile(path: string, signal?: AbortSignal): Promise<{ hash: Hash; bytes: number }> {
  signal?.throwIfAborted()
  const file = await open(path)
  try {
    const hash = createHash('sha256')
    // One buffer for the whole file: a stream would allocate a buffer for each chunk.
    const buffer = Buffer.allocUnsafeSlow(FILE_CHUNK_BYTES)
    let bytes = 0
    for (;;) {
      signal?.throwIfAborted()
      // With all arguments: without a length, the file system of Yarn's PnP reads nothing.
      const { bytesRead } = await file.read(buffer, 0, buffer.byteLength, null)
      if (bytesRead === 0) return { hash, bytes }
      hash.update(buffer.subarray(0, bytesRead))
      bytes += bytesRead
    }
  } finally {
    await file.close()
  }
}

/**
 * sha256 of pixels and their shape, 64 hex digits; differs from the sha256 of every file.
 *
 * @throws {NobgError} ABORTED
 */
export async function digestPixels(
  bytes: Uint8Array,
  { width, height, channels }: Omit<RasterInput, 'data'>,
  signal?: AbortSignal,
): Promise<string> {
  const pixels = await digestBytes(bytes, signal)
  return digestBytesSync(`raster ${width}×${height}×${channels} ${pixels}`)
}
