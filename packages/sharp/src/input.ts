import { Duplex } from 'node:stream'
import { type ErrorCode, type ImageInput, NobgError, type RasterInput } from '@nobg/core'
import { firstLineOf } from '@nobg/core/internal'
import sharp, { type Metadata, type PngOptions, type Sharp } from 'sharp'

/** Input of `nobg` and `matte`: a sharp instance, or a path, a URL, a `data:` URI, bytes or a stream of an encoded image. */
export type CutoutInput = Sharp | Exclude<ImageInput, RasterInput>

/** Checks methods, because the class differs in CommonJS and in a second installed version. */
export function isSharp(input: unknown): input is Sharp {
  return input instanceof Duplex && 'toBuffer' in input && 'toColourspace' in input
}

/** Whether the input is a stream, but not a sharp instance. */
export function isStream(input: CutoutInput): boolean {
  return typeof input === 'object' && Symbol.asyncIterator in input && !isSharp(input)
}

/** Metadata of the input of a sharp instance. */
export type InputFacts = Partial<Pick<Metadata, 'space' | 'hasProfile'>>

/**
 * Resolves when a sharp instance has its whole input, which may be a slow stream or the output of another cutout. Errors of the
 * input are left to {@link readPixels}.
 */
export async function awaitInput(image: Sharp): Promise<InputFacts> {
  // sharp has no metadata of joined files.
  return image.metadata().catch(() => ({}))
}

/**
 * The pixels of a sharp instance after its operations: uint8, [height, width, channels], sRGB. The EXIF orientation is not
 * applied unless the operations apply it.
 *
 * @param image is consumed: pass a clone
 * @throws {NobgError} SOURCE_NOT_FOUND, UNSUPPORTED_FORMAT, TOO_MANY_PIXELS, CORRUPT_IMAGE, INVALID_SOURCE
 */
export async function readPixels(image: Sharp, facts: InputFacts): Promise<RasterInput> {
  try {
    const { data: file, info } = await image.png(losslessPng).toBuffer({ resolveWithObject: true })
    const { pages = 1 } = info
    if (pages > 1) throw manyPages(pages)
    return await decodePng(file, facts)
  } catch (cause) {
    throw cause instanceof NobgError ? cause : explainFailure(cause)
  }
}

/**
 * A matte for core: of a sharp instance, its picture as a PNG.
 *
 * @throws {NobgError} INVALID_MATTE
 */
export async function readMatte(
  matte: CutoutInput | false | undefined,
): Promise<Exclude<CutoutInput, Sharp> | false | undefined> {
  if (!isSharp(matte)) return matte
  try {
    return await matte.png(losslessPng).toBuffer()
  } catch (cause) {
    throw new NobgError('INVALID_MATTE', `Expected a matte, got an error of sharp: ${firstLineOf(cause)}.`, {
      hint: 'Correct the operations of the instance. To test them, run it alone: `.toBuffer()`.',
      cause,
    })
  }
}

/**
 * The pixels are read from a PNG, because raw output loses the alpha of grayscale and does not distinguish CMYK and Lab. All
 * options are set, because options of an earlier `.png()` remain.
 */
const losslessPng: PngOptions = {
  compressionLevel: 0,
  adaptiveFiltering: false,
  progressive: false,
  palette: false,
  colours: 256,
}

async function decodePng(file: Buffer, facts: InputFacts): Promise<RasterInput> {
  const image = sharp(file, { limitInputPixels: false })
  const { data, info } = await convertToSrgb(image, facts, await image.metadata())
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height, channels: info.channels as 1 | 2 | 3 | 4 }
}

/**
 * sharp converts a 16-bit picture with a profile to Display P3 and writes no profile. When it adds a profile to 16-bit pixels
 * without one, it assumes Display P3.
 */
function convertToSrgb(image: Sharp, input: InputFacts, file: InputFacts): Sharp {
  if (isWide(input) && !file.hasProfile) return image.pipelineColourspace('rgb16').withIccProfile('srgb')
  return isWide(file) ? image.withIccProfile('srgb') : image
}

function isWide({ space, hasProfile }: InputFacts): boolean {
  return space === 'rgb16' && hasProfile === true
}

function manyPages(pages: number): NobgError {
  return new NobgError(
    'INVALID_SOURCE',
    `Expected a sharp instance of one picture, got an instance of ${pages} frames or pages.`,
    { hint: 'Read one of them: nobg(sharp(input, { page: 0 })).' },
  )
}

/** Messages of sharp and libvips, and the code of each. */
const ERROR_CODES: [message: RegExp, code: ErrorCode][] = [
  [/^Input file is missing/, 'SOURCE_NOT_FOUND'],
  [/contains unsupported image format/, 'UNSUPPORTED_FORMAT'],
  [/exceeds pixel limit/, 'TOO_MANY_PIXELS'],
  [
    /corrupt|premature|truncated|^Vips(Jpeg|Png|Webp|Heif|Tiff)|^(png|jpeg|webp|heif|tiff)load/i,
    'CORRUPT_IMAGE',
  ],
  // libvips has one error buffer for all threads: with several damaged pictures, some get only these messages.
  [/unable to write to target|^Warning treated as error/, 'CORRUPT_IMAGE'],
]

function explainFailure(cause: unknown): NobgError {
  // libvips repeats the message over many lines.
  const line = firstLineOf(cause)
  const code = ERROR_CODES.find(([message]) => message.test(line))?.[1] ?? 'INVALID_SOURCE'
  return new NobgError(code, `Expected the pixels of a sharp instance, got an error of sharp: ${line}.`, {
    hint: 'Correct the operations before nobg. To test them, run the instance without nobg: `.toBuffer()`.',
    cause,
  })
}
