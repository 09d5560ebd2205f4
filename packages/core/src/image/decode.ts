import sharp, { type Metadata, type Sharp } from 'sharp'
import { NobgError } from '../errors.ts'
import type { Raster } from '../types.ts'
import { nameFormat } from './format.ts'

const defaultMaxPixels = 100e6

export interface DecodeOptions {
  /** Largest image decoded, width × height; 100 million unless told. */
  maxPixels?: number
}

/** What an image says about itself before it is decoded. */
export interface ImageDescription {
  /** `jpeg`, `png`, `webp`, `gif`, `svg`, `tiff`, `heif` (AVIF among them), … */
  format: string
  /** px, after orientation */
  width: number
  /** px, after orientation */
  height: number
}

/**
 * Decodes an image to sRGB: uint8, [height, width, 3], or [height, width, 4] with straight alpha where the image has an
 * alpha channel, opaque or not. The EXIF orientation is applied, the embedded profile honoured; of an animation or a
 * document the first frame is taken, of an SVG its own size, of an Ultra HDR photograph its standard rendition. The
 * array owns its ArrayBuffer and can be transferred to a worker.
 *
 * An image whose decoder merely warns is decoded; one whose pixels are missing or damaged is an error. Nothing outside
 * `bytes` is ever read: references in an SVG to files or addresses stay blank.
 *
 * @throws {NobgError} UNSUPPORTED_FORMAT, CORRUPT_IMAGE
 * @throws {NobgError} TOO_MANY_PIXELS before any pixel is decoded
 * @throws {NobgError} INVALID_SOURCE when there are no bytes
 */
export async function decodeImage(
  bytes: Uint8Array,
  { maxPixels = defaultMaxPixels }: DecodeOptions = {},
): Promise<Raster> {
  const image = openImage(bytes)
  const metadata = await readMetadata(image, bytes)
  refusePixels(metadata, maxPixels)
  try {
    const { data, info } = await convertToSrgb(image.autoOrient(), metadata)
      .raw({ depth: 'uchar' })
      .toUint8Array()
    return { data, width: info.width, height: info.height, channels: info.channels === 4 ? 4 : 3 }
  } catch (cause) {
    throw metadata.compression === 'hevc' ? unsupported(bytes, cause) : corrupt(cause)
  }
}

/**
 * Format and size from the image's header alone.
 *
 * @throws {NobgError} UNSUPPORTED_FORMAT, CORRUPT_IMAGE, INVALID_SOURCE
 */
export async function describeImage(bytes: Uint8Array): Promise<ImageDescription> {
  const { format, autoOrient } = await readMetadata(openImage(bytes), bytes)
  return { format, ...autoOrient }
}

function openImage(bytes: Uint8Array): Sharp {
  if (bytes.byteLength === 0) {
    throw new NobgError('INVALID_SOURCE', 'Expected an image, got 0 bytes.', {
      hint: 'Give the bytes of an image file.',
    })
  }
  return sharp(bytes, { failOn: 'error', limitInputPixels: false })
}

async function readMetadata(image: Sharp, bytes: Uint8Array): Promise<Metadata> {
  try {
    return await image.metadata()
  } catch (cause) {
    throw /unsupported image format/.test(String(cause)) ? unsupported(bytes, cause) : corrupt(cause)
  }
}

/** sharp brings profiled 16-bit images to Display P3 and leaves them there; the second transform takes them home. */
function convertToSrgb(image: Sharp, { space, hasProfile }: Metadata): Sharp {
  const isLeftInP3 = space === 'rgb16' && hasProfile
  return isLeftInP3 ? image.withIccProfile('srgb', { attach: false }) : image.toColourspace('srgb')
}

function refusePixels({ width, height }: Metadata, maxPixels: number): void {
  if (width * height <= maxPixels) return
  const megapixels = (pixels: number) => `${Math.round(pixels / 1e5) / 10} megapixels`
  throw new NobgError(
    'TOO_MANY_PIXELS',
    `Expected at most ${megapixels(maxPixels)}, got ${width} × ${height} px (${megapixels(width * height)}).`,
    {
      hint: 'Scale the image down, or raise `maxPixels` if the memory is there: a pixel needs about 20 bytes.',
    },
  )
}

function unsupported(bytes: Uint8Array, cause: unknown): NobgError {
  return new NobgError(
    'UNSUPPORTED_FORMAT',
    `Expected an image, got ${nameFormat(bytes)}, which this build of sharp cannot decode.`,
    { hint: 'Convert it to JPEG, PNG, WebP or AVIF.', cause },
  )
}

/** libvips repeats itself over many lines; the first says it. */
function corrupt(cause: unknown): NobgError {
  const reason = (cause instanceof Error ? cause.message : String(cause)).split('\n')[0]
  return new NobgError('CORRUPT_IMAGE', `Expected a whole image, got a damaged one: ${reason}`, {
    hint: 'Open it in another program; if it shows fully there, save it anew, else fetch it again.',
    cause,
  })
}
