import sharp, { type Sharp } from 'sharp'
import { NobgError } from '../shared/errors.ts'
import type { Matte, Raster, Size } from '../shared/types.ts'

type OutputFormat = 'png' | 'webp' | 'avif'

export interface EncodeSettings {
  format: OutputFormat
  /** 1 to 100. Default: 80 for WebP, 50 for AVIF. Without effect on PNG. */
  quality?: number
  /** Lossless compression, for WebP and AVIF. */
  lossless?: boolean
}

export interface CutoutSettings extends EncodeSettings {
  /** `#rrggbb` or `#rrggbbaa`: the color behind the cutout. Default: transparent. */
  backgroundColor?: string
}

/** A finished image file. */
export interface EncodedImage {
  /** The file: uint8, [byteLength]. */
  data: Uint8Array
  /** px */
  width: number
  /** px */
  height: number
  format: OutputFormat
  contentType: `image/${OutputFormat}`
}

/** Maximum side of each format, px. */
const maxSide = { png: 2 ** 31 - 1, webp: 16383, avif: 16384 } as const satisfies Record<OutputFormat, number>

/**
 * Encodes a cutout: sRGB, without profile and metadata. The result has three channels if the background is opaque, else
 * straight alpha. Does not change `raster`.
 *
 * @throws {NobgError} INVALID_OPTION if the image is too large for the format
 */
export async function encodeCutout(raster: Raster, settings: CutoutSettings): Promise<EncodedImage> {
  const { data, ...raw } = raster
  return encode(layOnColor(sharp(data, { raw }), raster, settings.backgroundColor), raster, settings)
}

/**
 * Encodes a matte as a grayscale image: white is subject.
 *
 * @throws {NobgError} INVALID_OPTION if the image is too large for the format
 */
export async function encodeMask(matte: Matte, settings: EncodeSettings): Promise<EncodedImage> {
  const { data, width, height } = matte
  const image = sharp(data, { raw: { width, height, channels: 1 } }).toColourspace('b-w')
  return encode(image, matte, settings)
}

/** Converts an image file to GIF, which has 256 colors and no partial transparency. @returns `data`: uint8, [byteLength] */
export async function convertToGif(file: Uint8Array): Promise<{ data: Uint8Array }> {
  return { data: await sharp(file).gif().toBuffer() }
}

async function encode(image: Sharp, size: Size, settings: EncodeSettings): Promise<EncodedImage> {
  const { format } = settings
  refuseSide(size, format)
  const { data, info } = await chooseEncoder(image, settings).toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height, format, contentType: `image/${format}` }
}

/**
 * The settings were chosen by size and time, see docs/encoding.md. `alphaQuality` 90 changes alpha by at most one level and
 * keeps 0 and 255; it saves a third to a half of the time of WebP.
 */
function chooseEncoder(image: Sharp, { format, quality, lossless = false }: EncodeSettings): Sharp {
  if (format === 'webp') {
    if (lossless) return image.webp({ lossless, effort: 0 })
    return image.webp({ quality: quality ?? 80, alphaQuality: 90, effort: 2 })
  }
  if (format === 'avif') return image.avif({ quality: quality ?? 50, lossless, effort: lossless ? 0 : 2 })
  return image.png({ compressionLevel: 3, adaptiveFiltering: false, palette: false })
}

function layOnColor(image: Sharp, { width, height, channels }: Raster, color: string | undefined): Sharp {
  if (color === undefined || channels === 3) return image
  const [r, g, b, a = 255] = Buffer.from(color.slice(1), 'hex')
  if (a === 255) return image.flatten({ background: { r, g, b } })
  const background = {
    create: { width, height, channels: 4, background: { r, g, b, alpha: a / 255 } },
  } as const
  return image.composite([{ input: background, blend: 'dest-over' }])
}

function refuseSide({ width, height }: Size, format: OutputFormat): void {
  if (Math.max(width, height) <= maxSide[format]) return
  throw new NobgError(
    'INVALID_OPTION',
    `Expected at most ${maxSide[format]} px a side for ${format}, got ${width} × ${height} px.`,
    { hint: 'Choose png, or give a smaller image.' },
  )
}
