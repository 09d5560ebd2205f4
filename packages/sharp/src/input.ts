import { Duplex } from 'node:stream'
import { type ErrorCode, type ImageInput, NobgError, type RasterInput } from '@nobg/core'
import type { Sharp } from 'sharp'

/** What `nobg` and `matte` take: a sharp instance, or a path, a URL, a `data:` URI, bytes or a stream of an encoded image. */
export type CutoutInput = Sharp | Exclude<ImageInput, RasterInput>

/** Told by its methods: the class is another one in CommonJS, and in a second installed version. */
export function isSharp(input: unknown): input is Sharp {
  return input instanceof Duplex && 'toBuffer' in input && 'toColourspace' in input
}

/** Whether the input flows, wanted or not. */
export function isStream(input: CutoutInput): boolean {
  return typeof input === 'object' && Symbol.asyncIterator in input && !isSharp(input)
}

/**
 * The pixels of a sharp instance after its operations: uint8, [height, width, channels], sRGB.
 *
 * @param image is used up: give a clone.
 * @throws {NobgError} SOURCE_NOT_FOUND, UNSUPPORTED_FORMAT, TOO_MANY_PIXELS, CORRUPT_IMAGE, INVALID_SOURCE
 */
export async function readPixels(image: Sharp): Promise<RasterInput> {
  try {
    const { pages = 1 } = await image.metadata()
    // Whatever profile the pipeline was to end in; without one, sharp leaves 16-bit pixels in Display P3.
    const srgb = image.withIccProfile('srgb', { attach: false }).toColourspace('srgb')
    const { data, info } = await srgb.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
    if (pages > 1 && info.pages !== undefined) throw new Error(`it is an animation of ${pages} frames`)
    return { data, width: info.width, height: info.height, channels: info.channels as 1 | 2 | 3 | 4 }
  } catch (cause) {
    throw cause instanceof NobgError ? cause : explainFailure(cause)
  }
}

/** How sharp and libvips begin to say what is wrong. */
const reasons: [says: RegExp, code: ErrorCode][] = [
  [/^Input file is missing/, 'SOURCE_NOT_FOUND'],
  [/contains unsupported image format/, 'UNSUPPORTED_FORMAT'],
  [/exceeds pixel limit/, 'TOO_MANY_PIXELS'],
  [
    /corrupt|premature|truncated|^Vips(Jpeg|Png|Webp|Heif|Tiff)|^(png|jpeg|webp|heif|tiff)load/i,
    'CORRUPT_IMAGE',
  ],
]

function explainFailure(cause: unknown): NobgError {
  // libvips repeats itself over many lines; the first says it.
  const line = (cause instanceof Error ? cause.message : String(cause)).split('\n')[0]
  const code = reasons.find(([says]) => says.test(line))?.[1] ?? 'INVALID_SOURCE'
  return new NobgError(code, `Expected the pixels of a sharp instance, but sharp says: ${line}.`, {
    hint: 'Run the instance by itself (`.toBuffer()`): the operations before nobg must succeed.',
    cause,
  })
}
