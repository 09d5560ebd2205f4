import sharp from 'sharp'
import { firstLineOf, NobgError } from '../shared/errors.ts'
import type { Matte } from '../shared/types.ts'

/** Encodes a matte as a grayscale PNG: uint8, [byteLength]. */
export async function encodeMatte({ data, width, height }: Matte): Promise<Uint8Array> {
  const image = sharp(data, { raw: { width, height, channels: 1 } }).toColourspace('b-w')
  return image.png({ compressionLevel: 3, adaptiveFiltering: false }).toBuffer()
}

/**
 * Decodes the result of {@link encodeMatte}: uint8, [height, width].
 *
 * @throws {NobgError} CORRUPT_IMAGE if `bytes` are no complete 8-bit grayscale PNG
 */
export async function decodeMatte(bytes: Uint8Array): Promise<Matte> {
  try {
    const image = sharp(bytes, { failOn: 'error', limitInputPixels: false })
    const { format, channels, depth } = await image.metadata()
    if (format !== 'png' || channels !== 1 || depth !== 'uchar')
      throw new Error(`${format}, ${channels} × ${depth}`)
    const { data, info } = await image.toColourspace('b-w').raw().toBuffer({ resolveWithObject: true })
    return { data, width: info.width, height: info.height }
  } catch (cause) {
    const reason = firstLineOf(cause)
    throw new NobgError('CORRUPT_IMAGE', `Expected a matte (an 8-bit grayscale PNG), got: ${reason}`, {
      cause,
    })
  }
}
