import sharp from 'sharp'
import { firstLineOf, NobgError } from '../shared/errors.ts'
import { digestPixels } from '../shared/hash.ts'
import type { Matte } from '../shared/types.ts'

/** Encodes a matte as a grayscale PNG: uint8, [byteLength]. `isSmall` takes more time and fewer bytes. */
export async function encodeMatte(
  { data, width, height }: Matte,
  { isSmall = false } = {},
): Promise<Uint8Array> {
  const image = sharp(data, { raw: { width, height, channels: 1 } }).toColourspace('b-w')
  return image.png({ compressionLevel: isSmall ? 9 : 3, adaptiveFiltering: false }).toBuffer()
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

/**
 * Encodes a matte for the folder of kept mattes: a grayscale PNG, uint8, [byteLength]. Its XMP holds the digest of the
 * pixels, so that a matte that was corrected by hand is told from a predicted one.
 */
export async function encodeKeptMatte(matte: Matte): Promise<Uint8Array> {
  const { data, width, height } = matte
  const image = sharp(data, { raw: { width, height, channels: 1 } }).toColourspace('b-w')
  return image
    .withXmp(describePixels(await digestMatte(matte)))
    .png({ compressionLevel: 9 })
    .toBuffer()
}

/** Whether a file is the unchanged result of {@link encodeKeptMatte}: its pixels have the digest that its XMP holds. */
export async function isPredictedMatte(bytes: Uint8Array): Promise<boolean> {
  try {
    const { xmpAsString = '' } = await sharp(bytes).metadata()
    const [, digest] = /nobg:pixels="([\da-f]{64})"/.exec(xmpAsString) ?? []
    return digest !== undefined && digest === (await digestMatte(await decodeMatte(bytes)))
  } catch {
    return false
  }
}

function digestMatte({ data, width, height }: Matte): Promise<string> {
  return digestPixels(data, { width, height, channels: 1 })
}

function describePixels(digest: string): string {
  const about = `rdf:about="" xmlns:nobg="urn:nobg:matte" nobg:pixels="${digest}"`
  const rdf = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
  return `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF ${rdf}><rdf:Description ${about}/></rdf:RDF></x:xmpmeta>`
}
