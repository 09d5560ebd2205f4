import { createHash } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { refuse } from './refusal.ts'
import type { Span } from './wire-file.ts'

/** Bytes to write: new bytes, or a place in a file. */
export type Piece = Buffer | Span

/** Whether a piece consists of new bytes. */
export function isNewBytes(piece: Piece): piece is Buffer {
  return Buffer.isBuffer(piece)
}

/** Returns the total number of bytes. */
export function countBytes(pieces: Piece[]): number {
  return pieces.reduce((sum, piece) => sum + (isNewBytes(piece) ? piece.length : piece.end - piece.start), 0)
}

/**
 * Writes a file in chunks of 1 MiB, whole or not at all: as `<target>.part` first, which is then renamed, and removed if
 * writing fails. So the target may be the file that the pieces are read from.
 *
 * @returns sha256 of the file, 64 hex digits
 */
export async function writePieces(pieces: Piece[], target: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  const part = `${target}.part`
  const handle = await open(part, 'w')
  try {
    for (const chunk of readPieces(pieces)) {
      signal?.throwIfAborted()
      hash.update(chunk)
      await handle.writeFile(chunk)
    }
    await handle.close()
    await rename(part, target)
    return hash.digest('hex')
  } catch (error) {
    await handle.close().catch(() => {})
    await rm(part, { force: true })
    throw error
  }
}

/** Reads the bytes in chunks; a chunk is valid until the next. Adjacent places in a file are read together. */
function* readPieces(pieces: Piece[]): Generator<Uint8Array> {
  const chunk = Buffer.alloc(1 << 20)
  for (let index = 0; index < pieces.length; index++) {
    const piece = pieces[index]
    if (isNewBytes(piece)) {
      yield piece
      continue
    }
    let { file, start, end } = piece
    for (let next = pieces[index + 1]; isBehind(next, piece, end); next = pieces[++index + 1]) end = next.end
    while (start < end) {
      const bytesRead = file.readInto(chunk.subarray(0, Math.min(chunk.length, end - start)), start)
      if (bytesRead === 0) refuse(`a file ends at byte ${start}, before byte ${end}`)
      yield chunk.subarray(0, bytesRead)
      start += bytesRead
    }
  }
}

function isBehind(next: Piece | undefined, { file }: Span, end: number): next is Span {
  return next !== undefined && !isNewBytes(next) && next.file === file && next.start === end
}
