import sharp, { type Metadata, type Sharp } from 'sharp'
import { NobgError } from '../shared/errors.ts'
import type { Raster } from '../shared/types.ts'
import { isCameraRaw } from './camera-raw.ts'
import type { ColorSpace } from './color-space.ts'
import { convertToSrgb } from './convert-color.ts'
import { recognizeFormat } from './format.ts'
import { readHeifColor } from './heif-color.ts'
import { refusePixels, refuseSamples } from './limits.ts'
import { readPngColor } from './png-color.ts'
import { prepareSvg } from './svg.ts'

export interface DecodeOptions {
  /** Largest image decoded, width × height; 100 million by default. */
  maxPixels?: number
}

/**
 * Decodes an image to sRGB: uint8, [height, width, 4], straight alpha, 255 all over where the image has no alpha channel:
 * a matte can be laid over it in place. The EXIF orientation is applied, the embedded profile
 * honored, or the color space that a PNG or an AVIF names by code points, gamma and primaries; of an animation or
 * a document the first frame is taken, of an SVG its own size, of an Ultra HDR photograph its standard rendition. The
 * memory is sharp's own, which cannot be moved to another thread.
 *
 * An image whose decoder merely warns is decoded; one whose pixels are missing is an error. Nothing outside `bytes` is
 * ever read: what an SVG refers to by path or address stays blank.
 *
 * @throws {NobgError} UNSUPPORTED_FORMAT, also for camera raw files, for HDR, and for samples without a known range; CORRUPT_IMAGE
 * @throws {NobgError} TOO_MANY_PIXELS before any pixel is decoded
 * @throws {NobgError} INVALID_SOURCE when there are no bytes
 */
export async function decodeImage(bytes: Uint8Array, { maxPixels }: DecodeOptions = {}): Promise<Raster> {
  if (bytes.byteLength === 0) throw empty()
  try {
    if (isCameraRaw(bytes)) throw explainFailure(bytes)
    // Failing on warnings too would turn away photographs that merely have stray bytes between their segments.
    const { space, isOverProfile } = readColor(bytes)
    const { bytes: readable, density } = prepareSvg(bytes)
    const image = sharp(readable, {
      density,
      failOn: 'error',
      limitInputPixels: false,
      limitInputChannels: false,
      ignoreIcc: isOverProfile,
    })
    const metadata = await image.metadata()
    refusePixels(metadata, maxPixels)
    refuseSamples(metadata)
    const hasProfile = metadata.hasProfile && !isOverProfile
    return await (space
      ? decodeNamedColor(image.autoOrient(), metadata, space)
      : decodeColor(image.autoOrient(), { ...metadata, hasProfile }))
  } catch (cause) {
    throw cause instanceof NobgError ? cause : explainFailure(bytes, cause)
  }
}

/** A color space that is named by other means than an ICC profile: sharp knows those alone. */
function readColor(bytes: Uint8Array): ReturnType<typeof readPngColor> {
  const { space = readHeifColor(bytes), isOverProfile } = readPngColor(bytes)
  return { space, isOverProfile }
}

async function decodeColor(image: Sharp, { space, hasProfile }: Metadata): Promise<Raster> {
  // sharp takes 16-bit images to Display P3 and, unless an output profile is named, writes that as if it were sRGB.
  const staysInP3 = space === 'rgb16' && hasProfile
  const converted = staysInP3 ? image.withIccProfile('srgb', { attach: false }) : image.toColourspace('srgb')
  const { data, info } = await converted
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  return { data: takeFour(data, channels), width, height, channels: 4 }
}

/** At the image's own depth: light of 8 bits has too few levels near black. */
async function decodeNamedColor(image: Sharp, { depth }: Metadata, space: ColorSpace): Promise<Raster> {
  const isDeep = depth === 'ushort'
  const { data, info } = await image
    .toColourspace(isDeep ? 'rgb16' : 'srgb')
    .ensureAlpha()
    .raw({ depth: isDeep ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  const samples = isDeep ? new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2) : data
  return { data: takeFour(convertToSrgb(samples, channels, space), channels), width, height, channels: 4 }
}

/** A TIFF may carry spot colors or saved selections after its alpha. */
function takeFour({ buffer, byteOffset, length }: Uint8Array, channels: number): Uint8Array {
  const data = new Uint8Array(buffer, byteOffset, length)
  if (channels === 4) return data
  const taken = new Uint8Array((length / channels) * 4)
  for (let i = 0; i < taken.length; i++) taken[i] = data[(i >> 2) * channels + (i & 3)]
  return taken
}

function empty(): NobgError {
  return new NobgError('INVALID_SOURCE', 'Expected an image, got 0 bytes.', {
    hint: 'Give the bytes of an image file.',
  })
}

function explainFailure(bytes: Uint8Array, cause?: unknown): NobgError {
  const { kind, name } = recognizeFormat(bytes)
  // libvips repeats itself over many lines; the first says it.
  const line = (cause instanceof Error ? cause.message : String(cause)).split('\n')[0]
  const [, broken] = /^Input buffer has corrupt header: *(.*)$/.exec(line) ?? []
  if (kind === 'foreign') {
    return new NobgError('UNSUPPORTED_FORMAT', `This build of sharp cannot decode ${name}.`, {
      hint: 'Convert the image to JPEG, PNG, WebP or AVIF.',
      cause,
    })
  }
  if (kind === 'other' && broken === undefined) {
    return new NobgError('UNSUPPORTED_FORMAT', `Expected an image, got ${name}.`, {
      hint: 'Give a JPEG, PNG, WebP, AVIF, GIF, TIFF or SVG file.',
      cause,
    })
  }
  const isHeaderGone = broken === '' || /unsupported image format/.test(line)
  const reason = isHeaderGone ? 'its header cannot be read' : (broken ?? line)
  return new NobgError(
    'CORRUPT_IMAGE',
    `Expected a whole image, got damaged ${kind === 'other' ? 'data' : name}: ${reason}.`,
    {
      hint: 'Open it in another program: if it shows whole there, save it anew, else fetch it again.',
      cause,
    },
  )
}
