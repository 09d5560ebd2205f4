import sharp, { type Metadata, type Sharp } from 'sharp'
import { firstLineOf, NobgError } from '../shared/errors.ts'
import type { Raster } from '../shared/types.ts'
import { isCameraRaw } from './camera-raw.ts'
import type { ColorSpace } from './color-space.ts'
import { convertToSrgb } from './convert-color.ts'
import { keepFirstFrame } from './first-frame.ts'
import { recognizeFormat } from './format.ts'
import { readHeifColor } from './heif-color.ts'
import { refuseChannels, refusePixels, refuseSamples } from './limits.ts'
import { readPngColor } from './png-color.ts'
import { looksLikeSvg, prepareSvg } from './svg.ts'

export interface DecodeOptions {
  /** Maximum of width × height. Default: 100 million. */
  maxPixels?: number
  /** Whether SVG is decoded. Default: true. */
  svg?: boolean
}

/**
 * Decodes an image to sRGB: uint8, [height, width, 4], straight alpha, 255 if the image has no alpha channel. The array
 * is memory of sharp, which cannot be transferred to another thread.
 *
 * - Applies the EXIF orientation, and the ICC profile or the color space that a PNG or AVIF names in another way.
 * - Decodes the first frame of an animation or document, an SVG at its own size, and the SDR rendition of Ultra HDR.
 * - Decodes despite warnings of the decoder. Missing pixels are an error.
 * - Reads nothing outside `bytes`: references of an SVG to other files stay blank.
 *
 * @throws {NobgError} UNSUPPORTED_FORMAT, also for camera raw files, HDR, samples without a known range, and SVG if it is off
 * @throws {NobgError} CORRUPT_IMAGE
 * @throws {NobgError} TOO_MANY_PIXELS before pixels are decoded
 * @throws {NobgError} INVALID_SOURCE if `bytes` is empty
 */
export async function decodeImage(
  bytes: Uint8Array,
  { maxPixels, svg = true }: DecodeOptions = {},
): Promise<Raster> {
  if (bytes.byteLength === 0) throw empty()
  try {
    if (isCameraRaw(bytes)) throw explainFailure(bytes)
    // Not failOn 'warning': photographs with stray bytes between their segments decode well.
    const { space, isOverProfile } = readColor(bytes)
    // Before libvips parses the text.
    if (!svg && looksLikeSvg(bytes)) throw svgRefused()
    const { bytes: readable, density } = svg ? prepareSvg(bytes) : { bytes }
    const image = sharp(keepFirstFrame(readable), {
      density,
      failOn: 'error',
      limitInputPixels: false,
      limitInputChannels: false,
      ignoreIcc: isOverProfile,
    })
    const metadata = await image.metadata()
    if (!svg && metadata.format === 'svg') throw svgRefused()
    refusePixels(metadata, maxPixels)
    refuseChannels(metadata, maxPixels)
    refuseSamples(metadata)
    const hasProfile = metadata.hasProfile && !isOverProfile
    return await (space
      ? decodeNamedColor(image.autoOrient(), metadata, space)
      : decodeColor(image.autoOrient(), { ...metadata, hasProfile }))
  } catch (cause) {
    throw cause instanceof NobgError ? cause : explainFailure(bytes, cause)
  }
}

/** Reads a color space that is not given as an ICC profile: sharp supports ICC profiles only. */
function readColor(bytes: Uint8Array): ReturnType<typeof readPngColor> {
  const { space = readHeifColor(bytes), isOverProfile } = readPngColor(bytes)
  return { space, isOverProfile }
}

async function decodeColor(image: Sharp, { space, hasProfile }: Metadata): Promise<Raster> {
  // sharp converts 16-bit images to Display P3 and, without an output profile, returns that as if it were sRGB.
  const staysInP3 = space === 'rgb16' && hasProfile
  const converted = staysInP3 ? image.withIccProfile('srgb', { attach: false }) : image.toColourspace('srgb')
  const { data, info } = await converted
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  return { data: takeFour(data, channels), width, height, channels: 4 }
}

/** Keeps the image's depth: linear light in 8 bits has too few levels near black. */
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

/** Keeps the first four channels: a TIFF may have spot colors or saved selections after its alpha. */
function takeFour({ buffer, byteOffset, length }: Uint8Array, channels: number): Uint8Array {
  const data = new Uint8Array(buffer, byteOffset, length)
  if (channels === 4) return data
  const taken = new Uint8Array((length / channels) * 4)
  for (let i = 0; i < taken.length; i++) taken[i] = data[(i >> 2) * channels + (i & 3)]
  return taken
}

function svgRefused(): NobgError {
  return new NobgError('UNSUPPORTED_FORMAT', 'Expected an image of pixels, such as JPEG or PNG, got SVG.', {
    hint: 'Convert the image to PNG. If you trust the image, set `svg: true` in the config.',
  })
}

function empty(): NobgError {
  return new NobgError('INVALID_SOURCE', 'Expected an image, got 0 bytes.', {
    hint: 'Give the bytes of an image file.',
  })
}

function explainFailure(bytes: Uint8Array, cause?: unknown): NobgError {
  const { kind, name } = recognizeFormat(bytes)
  // The first line of libvips' message is enough.
  const line = firstLineOf(cause)
  const [, broken] = /^Input buffer has corrupt header: *(.*)$/.exec(line) ?? []
  if (kind === 'foreign') {
    return new NobgError(
      'UNSUPPORTED_FORMAT',
      `Expected an image that this build of sharp decodes, got ${name}.`,
      {
        hint: 'Convert the image to JPEG, PNG, WebP or AVIF.',
        cause,
      },
    )
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
      hint: 'Open the image in another program. If the image is complete there, save it again; otherwise download it again.',
      cause,
    },
  )
}
