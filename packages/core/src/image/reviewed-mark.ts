import { crc32 } from 'node:zlib'
import sharp from 'sharp'
import { NobgError } from '../shared/errors.ts'
import { digestPixels } from '../shared/hash.ts'
import type { Matte } from '../shared/types.ts'

/** Keyword of the PNG text chunk that holds the digest of the pixels that a person has reviewed. */
const KEYWORD = 'nobg:reviewed'

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex')

/**
 * Marks a PNG as reviewed, for exactly these pixels: adds a text chunk, and changes no other byte.
 *
 * @param bytes the PNG: uint8, [byteLength].
 * @param matte its decoded pixels, as `readMatteFile` returns them.
 * @returns the marked PNG: uint8, [byteLength].
 * @throws {NobgError} INVALID_MATTE if `bytes` are no PNG
 */
export async function markReviewed(bytes: Uint8Array, matte: Matte): Promise<Uint8Array> {
  const png = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!png.subarray(0, SIGNATURE.length).equals(SIGNATURE)) {
    throw new NobgError('INVALID_MATTE', 'Expected a matte in the format PNG, got another format.', {
      hint: 'Convert the matte to PNG: only a PNG can be marked as reviewed.',
    })
  }
  const chunks = [...listChunks(png)].filter(chunk => !isMark(chunk))
  const mark = createChunk('tEXt', `${KEYWORD}\0${await digestMatte(matte)}`)
  // libvips reads only the text before the pixels.
  const pixels = chunks.findIndex(chunk => readType(chunk) === 'IDAT')
  return Buffer.concat([SIGNATURE, ...chunks.slice(0, pixels), mark, ...chunks.slice(pixels)])
}

/** Whether a matte file is marked as reviewed, and its pixels have not changed since. */
export async function isReviewed(bytes: Uint8Array, matte: Matte): Promise<boolean> {
  const { comments = [] } = await sharp(bytes).metadata()
  const mark = comments.find(({ keyword }) => keyword === KEYWORD)
  return mark !== undefined && mark.text === (await digestMatte(matte))
}

function digestMatte({ data, width, height }: Matte): Promise<string> {
  return digestPixels(data, { width, height, channels: 1 })
}

/** The chunks of a PNG, with length, type and checksum. Bytes after the last whole chunk are left out. */
function* listChunks(png: Buffer): Generator<Buffer> {
  for (let at = SIGNATURE.length; at + 12 <= png.length; ) {
    const end = at + 12 + png.readUInt32BE(at)
    if (end > png.length) return
    yield png.subarray(at, end)
    at = end
  }
}

function readType(chunk: Buffer): string {
  return chunk.toString('latin1', 4, 8)
}

function isMark(chunk: Buffer): boolean {
  return readType(chunk) === 'tEXt' && chunk.toString('latin1', 8).startsWith(`${KEYWORD}\0`)
}

function createChunk(type: string, text: string): Buffer {
  const body = Buffer.from(type + text, 'latin1')
  const chunk = Buffer.alloc(body.length + 8)
  chunk.writeUInt32BE(body.length - type.length, 0)
  body.copy(chunk, 4)
  chunk.writeUInt32BE(crc32(body), body.length + 4)
  return chunk
}
