import type { ByteSource } from './byte-source.ts'
import { widenFloat16 } from './float16.ts'
import type { Span } from './wire-file.ts'
import { countBytes, isNewBytes, type Piece } from './write-pieces.ts'

/** Reads float16 numbers as float32, both little-endian. */
export function widenSource({ file, start, end }: Span): ByteSource {
  const size = 2 * (end - start)
  return {
    size,
    read(target, position) {
      const first = Math.floor(position / 4)
      const last = Math.ceil(Math.min(position + target.length, size) / 4)
      const halves = new Uint16Array(Math.max(0, last - first))
      const bytesRead = file.readInto(new Uint8Array(halves.buffer), start + 2 * first)
      const floats = widenFloat16(halves.subarray(0, Math.floor(bytesRead / 2)))
      const bytes = new Uint8Array(floats.buffer).subarray(position - 4 * first).subarray(0, target.length)
      target.set(bytes)
      return bytes.length
    },
  }
}

/** Reads pieces as if they were one file. */
export function joinPieces(pieces: Piece[]): ByteSource {
  const starts: number[] = []
  let size = 0
  for (const piece of pieces) {
    starts.push(size)
    size += countBytes([piece])
  }
  return {
    size,
    read(target, position) {
      let filled = 0
      for (let index = findLast(starts, position); index < pieces.length && filled < target.length; index++) {
        const bytesRead = readPiece(pieces[index], position + filled - starts[index], target.subarray(filled))
        filled += bytesRead
      }
      return filled
    },
  }
}

function readPiece(piece: Piece, offset: number, target: Uint8Array): number {
  if (isNewBytes(piece)) return piece.copy(target, 0, offset)
  const start = piece.start + offset
  return piece.file.readInto(target.subarray(0, Math.max(0, piece.end - start)), start)
}

/** Returns the index of the last start that is at most `position`. */
function findLast(starts: number[], position: number): number {
  let [low, high] = [0, starts.length]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (starts[middle] <= position) low = middle
    else high = middle
  }
  return low
}
