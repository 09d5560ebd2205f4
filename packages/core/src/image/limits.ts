import { NobgError } from '../shared/errors.ts'

/** What bounds the reading of one source. */
export interface ReadLimits {
  maxBytes: number
  /** Longest silence in ms, 0 for ever. */
  timeoutMs: number
  signal?: AbortSignal
}

/** @throws {NobgError} SOURCE_TOO_LARGE when `byteLength` is above `maxBytes`. */
export function refuseSize(byteLength: number, maxBytes: number, subject: string): void {
  if (byteLength <= maxBytes) return
  throw new NobgError(
    'SOURCE_TOO_LARGE',
    `${subject} is larger than accepted: expected at most ${maxBytes} bytes, got ${byteLength}.`,
    { hint: 'Raise `maxBytes`, or give a smaller file.' },
  )
}

/** @throws {NobgError} TOO_MANY_PIXELS when `width × height` is above `maxPixels`: 100 million by default. */
export function refusePixels(
  { width, height }: { width: number; height: number },
  maxPixels: number = 100e6,
): void {
  if (width * height <= maxPixels) return
  const megapixels = (pixels: number) => `${Math.ceil(pixels / 1e4) / 100} megapixels`
  throw new NobgError(
    'TOO_MANY_PIXELS',
    `Expected at most ${megapixels(maxPixels)}, got ${width} × ${height} px (${megapixels(width * height)}).`,
    { hint: 'Scale the image down, or raise `maxPixels` if there is memory for it.' },
  )
}

/** Spaces whose samples are floats by definition. */
const FLOAT_SPACES = ['scrgb', 'lab', 'labs', 'lch', 'xyz']

/**
 * Refuses samples that are neither 8 nor 16 bits without a sign, nor floats of a space that defines their range. libvips
 * cuts others to 8 bits without scaling: of 32-bit integers it takes the last byte, of gray floats 0 or 1.
 *
 * @throws {NobgError} UNSUPPORTED_FORMAT
 */
export function refuseSamples({ depth, space }: { depth: string; space: string }): void {
  if (depth === 'uchar' || depth === 'ushort' || FLOAT_SPACES.includes(space)) return
  throw new NobgError(
    'UNSUPPORTED_FORMAT',
    `Expected samples of 8 or 16 bits without a sign, or RGB as floats, got ${space} samples of the type ${depth}.`,
    { hint: 'Convert the image to 8 or 16 bits a channel.' },
  )
}
