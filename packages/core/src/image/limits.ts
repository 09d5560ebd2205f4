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

/** @throws {NobgError} TOO_MANY_PIXELS if `width × height` exceeds `maxPixels` (default: 100 million) */
export function refusePixels({ width, height }: Size, maxPixels: number = 100e6): void {
  if (width * height <= maxPixels) return
  const megapixels = (pixels: number) => `${Math.ceil(pixels / 1e4) / 100} megapixels`
  throw new NobgError(
    'TOO_MANY_PIXELS',
    `Expected at most ${megapixels(maxPixels)}, got ${width} × ${height} px (${megapixels(width * height)}).`,
    { hint: 'Scale the image down, or raise `maxPixels` if the machine has enough memory.' },
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
