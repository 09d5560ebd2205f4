import { open } from 'node:fs/promises'
import { crc32 } from 'node:zlib'

const END_OF_PNG = createPngChunk('IEND', '')

/**
 * Last bytes of every file that the command line writes, by format: a chunk or box with the text `nobg`, which decoders skip.
 * A later run recognizes cutouts by them, whatever their path.
 */
const MARKS = {
  png: Buffer.concat([createPngChunk('tEXt', 'Software\0nobg'), END_OF_PNG]),
  webp: Buffer.from('NOBG\0\0\0\0', 'latin1'),
  avif: Buffer.from('\0\0\0\x0cfreenobg', 'latin1'),
}

/** Last bytes of every sheet of `nobg compare`. */
const SHEET_MARK = Buffer.concat([createPngChunk('tEXt', 'Title\0nobg compare'), MARKS.png])

/** The bytes of a PNG, WebP or AVIF file with the mark; the bytes of any other file unchanged. */
export function markBytes(bytes: Uint8Array): Uint8Array {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (file.toString('latin1', 1, 4) === 'PNG')
    return Buffer.concat([file.subarray(0, -END_OF_PNG.length), MARKS.png])
  if (file.toString('latin1', 4, 12) === 'ftypavif') return Buffer.concat([file, MARKS.avif])
  if (file.toString('latin1', 8, 12) !== 'WEBP') return bytes
  const marked = Buffer.concat([file, MARKS.webp])
  // The RIFF header holds the size of the file without its first eight bytes.
  marked.writeUInt32LE(marked.length - 8, 4)
  return marked
}

/** The bytes of a PNG file with the mark of a sheet. */
export function markSheet(png: Uint8Array): Uint8Array {
  return Buffer.concat([png.subarray(0, -END_OF_PNG.length), SHEET_MARK])
}

/** Whether the command line wrote a file; false if the file cannot be read. */
export async function isMarked(path: string): Promise<boolean> {
  return endsWith(path, Object.values(MARKS))
}

/** Whether `nobg compare` wrote a file; false if the file cannot be read. */
export async function isSheet(path: string): Promise<boolean> {
  return endsWith(path, [SHEET_MARK])
}

async function endsWith(path: string, ends: readonly Buffer[]): Promise<boolean> {
  try {
    await using file = await open(path)
    const { size } = await file.stat()
    const tail = Buffer.alloc(Math.min(size, Math.max(...ends.map(end => end.length))))
    await file.read(tail, 0, tail.length, size - tail.length)
    return ends.some(end => tail.subarray(-end.length).equals(end))
  } catch {
    // Reading the picture later reports the error.
    return false
  }
}

function createPngChunk(type: string, text: string): Buffer {
  const body = Buffer.from(type + text, 'latin1')
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(text.length)
  checksum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, checksum])
}
