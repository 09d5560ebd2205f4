import { NoRoomError } from '../files/uploads.ts'
import type { Content } from '../storage/content.ts'

/** @returns announced bytes of a body; undefined if it has chunks of unknown length, or was made by another app */
export function readLength({ headers }: Request): number | undefined {
  const length = headers.get('content-length')
  return length === null || headers.has('transfer-encoding') ? undefined : Number(length)
}

/** @returns bytes that a body may take in memory; 0 for a request of another app, which holds it already */
export function boundLength(request: Request, maxBytes: number): number {
  if (request.headers.has('transfer-encoding')) return maxBytes
  return Math.min(readLength(request) ?? 0, maxBytes)
}

/**
 * Opens a body, to store it while it arrives. A body of unknown length is read first, because the storage reserves its space
 * before a write.
 *
 * @throws {NoRoomError} if there are more than `maxBytes`
 */
export async function openBody(request: Request, maxBytes: number): Promise<Content> {
  const size = readLength(request)
  if ((size ?? 0) > maxBytes) throw new NoRoomError('file')
  const pieces = request.body as AsyncIterable<Uint8Array> | null
  if (!pieces) return new Uint8Array()
  return size === undefined ? readUpTo(pieces, maxBytes) : { size, pieces }
}

async function readUpTo(pieces: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const read: Uint8Array[] = []
  let size = 0
  for await (const piece of pieces) {
    size += piece.byteLength
    if (size > maxBytes) throw new NoRoomError('file')
    read.push(piece)
  }
  return Buffer.concat(read)
}
