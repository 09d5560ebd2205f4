import { NoRoomError } from '../files/uploads.ts'
import type { Content } from '../storage/content.ts'

/** @returns announced bytes of a body; undefined if it is sent in chunks of unknown length */
export function readLength({ headers }: Request): number | undefined {
  const length = headers.get('content-length')
  if (headers.has('transfer-encoding')) return undefined
  return Number(length ?? 0)
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
