import sharp from 'sharp'
import { firstLineOf, NobgError } from '../shared/errors.ts'
import type { Matte, Raster, RasterInput } from '../shared/types.ts'
import { keepFirstFrame } from './first-frame.ts'
import { refuseChannels, refusePixels, refuseSamples } from './limits.ts'
import { hasMergeMarks } from './merge-marks.ts'
import { widenRaster } from './raster-input.ts'

/** Largest relative difference between the aspect ratios of a matte and its photograph. */
const ASPECT_TOLERANCE = 0.01

/** Mean difference of two color channels, levels. JPEG moves the channels of gray by 1 or 2. */
const GRAY_TOLERANCE = 8

export interface GivenMatteSettings {
  /** Size of the photograph, px. */
  picture: { width: number; height: number }
  /** Whether a square matte fits every photograph, because models stretch the photograph to a square. */
  allowSquare: boolean
  /** Shape of the matte if `bytes` are decoded pixels. */
  shape?: Omit<RasterInput, 'data'>
  maxPixels?: number
}

/**
 * Decodes a matte that the user drew, corrected or made with another tool: any image that sharp reads. Its alpha is the
 * matte; an opaque image must be gray, and its levels are the matte. Profiles are ignored: a matte holds alpha, not colors.
 *
 * @returns uint8, [height, width], 16 bits rounded to 8, EXIF orientation applied
 * @throws {NobgError} INVALID_MATTE if it is unreadable, in color, or of another aspect ratio (tolerance: 1 % or one pixel)
 * @throws {NobgError} TOO_MANY_PIXELS, UNSUPPORTED_FORMAT
 */
export async function decodeGivenMatte(bytes: Uint8Array, settings: GivenMatteSettings): Promise<Matte> {
  const { shape, maxPixels } = settings
  const raster = shape ? widenRaster(bytes, shape, maxPixels) : await decodeRgba(bytes, maxPixels)
  refuseShape(raster, settings)
  return chooseChannel(raster)
}

/** Decodes a matte as {@link decodeGivenMatte} does, for a photograph of any shape. @throws {NobgError} as that function does */
export async function readMatteFile(bytes: Uint8Array, maxPixels?: number): Promise<Matte> {
  return chooseChannel(await decodeRgba(bytes, maxPixels))
}

async function decodeRgba(bytes: Uint8Array, maxPixels: number | undefined): Promise<Raster> {
  try {
    const image = sharp(keepFirstFrame(bytes), {
      failOn: 'error',
      limitInputPixels: false,
      ignoreIcc: true,
    })
    const metadata = await image.metadata()
    refusePixels(metadata, maxPixels)
    refuseChannels(metadata, maxPixels)
    refuseSamples(metadata)
    const { data, info } = await image
      .autoOrient()
      .toColourspace('srgb')
      .ensureAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    if (info.channels !== 4) throw new Error(`${info.channels} channels`)
    return { data, width: info.width, height: info.height, channels: 4 }
  } catch (cause) {
    if (cause instanceof NobgError) throw cause
    throw explainUnreadable(bytes, cause)
  }
}

function explainUnreadable(bytes: Uint8Array, cause: unknown): NobgError {
  // Before the pointer: the conflict of two pointers begins as a pointer, and `git lfs pull` does not mend it.
  if (hasMergeMarks(bytes)) {
    return invalid(
      'a file with marks of a merge conflict',
      'Choose one version: git checkout --ours <file>, or git checkout --theirs <file>.',
      cause,
    )
  }
  if (
    Buffer.from(bytes.subarray(0, 100))
      .toString('latin1')
      .startsWith('version https://git-lfs.github.com/spec/')
  ) {
    return invalid('a Git LFS pointer', 'Fetch the file: git lfs pull', cause)
  }
  return invalid(
    `a file that cannot be decoded (${bytes.byteLength} bytes: ${firstLineOf(cause)})`,
    'Restore the file of the matte, or export the matte again. If you delete the file, the model predicts a matte.',
    cause,
  )
}

function refuseShape({ width, height }: Raster, { picture, allowSquare }: GivenMatteSettings): void {
  if (allowSquare && width === height) return
  const expected = (width * picture.height) / picture.width
  if (Math.abs(height - expected) <= Math.max(1, expected * ASPECT_TOLERANCE)) return
  throw invalid(
    `${width} × ${height} px, another aspect ratio than that of the photograph (${picture.width} × ${picture.height} px)`,
    'Export the matte with the same aspect ratio as the photograph. The size may differ.',
  )
}

/** Takes the alpha channel, or the gray levels of an opaque image. */
function chooseChannel({ data, width, height }: Raster): Matte {
  const matte = new Uint8Array(width * height)
  let isOpaque = true
  let colorfulness = 0
  for (let pixel = 0, from = 0; pixel < matte.length; pixel++, from += 4) {
    matte[pixel] = data[from + 3]
    isOpaque &&= data[from + 3] === 255
    colorfulness += Math.abs(data[from] - data[from + 1]) + Math.abs(data[from + 1] - data[from + 2])
  }
  if (!isOpaque) return { data: matte, width, height }
  if (colorfulness / (2 * matte.length) > GRAY_TOLERANCE) {
    throw invalid(
      'a color image without transparency',
      'Give a grayscale image (white: subject), or a cutout with an alpha channel.',
    )
  }
  for (let pixel = 0; pixel < matte.length; pixel++) matte[pixel] = data[pixel * 4 + 1]
  return { data: matte, width, height }
}

function invalid(received: string, hint: string, cause?: unknown): NobgError {
  return new NobgError('INVALID_MATTE', `Expected a matte, got ${received}.`, { hint, cause })
}
