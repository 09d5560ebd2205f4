import { NobgError } from '../shared/errors.ts'
import type { Size } from '../shared/types.ts'

/** Limits for reading one source. */
export interface ReadLimits {
  maxBytes: number
  /** Longest time without data, ms; 0: no limit. */
  timeoutMs: number
  signal?: AbortSignal
}

/** @throws {NobgError} SOURCE_TOO_LARGE if `byteLength` exceeds `maxBytes` */
export function refuseSize(byteLength: number, maxBytes: number, subject: string): void {
  if (byteLength <= maxBytes) return
  throw new NobgError(
    'SOURCE_TOO_LARGE',
    `${subject} is too large: expected at most ${maxBytes} bytes, got ${byteLength}.`,
    { hint: 'Raise `maxBytes`, or give a smaller file.' },
  )
}

const DEFAULT_MAX_PIXELS = 100e6
/** The longest side of a JPEG, px. libvips holds several lines at a time: an image of 100 million × 1 px takes 4.5 GB. */
const MAX_SIDE = 65_535

/** @throws {NobgError} TOO_MANY_PIXELS if `width × height` exceeds `maxPixels` (default: 100 million), or a side 65,535 px */
export function refusePixels({ width, height }: Size, maxPixels: number = DEFAULT_MAX_PIXELS): void {
  if (width * height <= maxPixels) {
    refuseSides({ width, height })
    return
  }
  const megapixels = (pixels: number) => `${Math.ceil(pixels / 1e4) / 100} megapixels`
  throw new NobgError(
    'TOO_MANY_PIXELS',
    `Expected at most ${megapixels(maxPixels)}, got ${width} × ${height} px (${megapixels(width * height)}).`,
    { hint: 'Scale the image down, or raise `maxPixels` if the machine has enough memory.' },
  )
}

function refuseSides({ width, height }: Size): void {
  if (Math.max(width, height) <= MAX_SIDE) return
  throw new NobgError(
    'TOO_MANY_PIXELS',
    `Expected sides of at most ${MAX_SIDE} px, got ${width} × ${height} px.`,
    { hint: 'Scale the image down, or cut it into several images.' },
  )
}

const BYTES_OF_SAMPLE: Record<string, number> = { uchar: 1, char: 1, ushort: 2, short: 2, double: 8 }
/** The most bytes of a pixel while it is decoded, on average: RGBA of 32-bit floats, and the raster. */
const MAX_BYTES_PER_PIXEL = 20

/**
 * Refuses images of few pixels with many samples each: a TIFF of 12 kB can have thousands of channels.
 *
 * @throws {NobgError} TOO_MANY_PIXELS if decoding takes more memory than an image of `maxPixels` with four channels of 32 bits
 */
export function refuseChannels(
  { width, height, channels, depth }: Size & { channels: number; depth: string },
  maxPixels: number = DEFAULT_MAX_PIXELS,
): void {
  const bytes = width * height * (channels * (BYTES_OF_SAMPLE[depth] ?? 4) + 4)
  if (bytes <= maxPixels * MAX_BYTES_PER_PIXEL) return
  const megabytes = (count: number) => `${Math.ceil(count / 1e6)} MB`
  throw new NobgError(
    'TOO_MANY_PIXELS',
    `Expected an image that takes at most ${megabytes(maxPixels * MAX_BYTES_PER_PIXEL)} while it is decoded, got ${width} × ${height} px with ${channels} channels (${megabytes(bytes)}).`,
    { hint: 'Save the image as RGB, scale it down, or raise `maxPixels` if the machine has enough memory.' },
  )
}

/** Color spaces whose samples are floats by definition. */
const FLOAT_SPACES = ['scrgb', 'lab', 'labs', 'lch', 'xyz']

/**
 * Accepts unsigned samples of 8 or 16 bits, and floats of a color space that defines their range. libvips converts others
 * to 8 bits without scaling: the last byte of a 32-bit integer, 0 or 1 of a gray float.
 *
 * @throws {NobgError} UNSUPPORTED_FORMAT
 */
export function refuseSamples({ depth, space }: { depth: string; space: string }): void {
  if (depth === 'uchar' || depth === 'ushort' || FLOAT_SPACES.includes(space)) return
  throw new NobgError(
    'UNSUPPORTED_FORMAT',
    `Expected unsigned samples of 8 or 16 bits, or RGB as floats, got ${space} samples of type ${depth}.`,
    { hint: 'Convert the image to 8 or 16 bits per channel.' },
  )
}
