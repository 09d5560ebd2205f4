import { Duplex } from 'node:stream'
import { type ErrorCode, type ImageInput, NobgError, type RasterInput } from '@nobg/core'
import sharp, { type Metadata, type PngOptions, type Sharp } from 'sharp'

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

/** What a sharp instance says of its input. */
export type InputFacts = Partial<Pick<Metadata, 'space' | 'hasProfile'>>

/**
 * Resolves when a sharp instance has its whole input: the one that feeds it by a stream may take long, and may itself wait
 * for a picture of nobg's. What is wrong with the input is told by {@link readPixels}.
 */
export async function awaitInput(image: Sharp): Promise<InputFacts> {
  // sharp knows nothing of several files that it joins.
  return image.metadata().catch(() => ({}))
}

/**
 * The pixels that a sharp instance writes after its operations: uint8, [height, width, channels], sRGB. An orientation that
 * it only notes in its metadata is not applied.
 *
 * @param image is used up: give a clone.
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
 * A file, since only a file holds what the operations end in: raw pixels lose the alpha of greyscale, and do not say
 * whether they are CMYK or Lab. Each option is given, because those of an earlier `.png()` stay.
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
 * sharp takes a 16-bit picture with a profile to Display P3, and writes that without a profile; it takes 16-bit pixels
 * without a profile for Display P3 when they are to get one.
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
    `Expected a sharp instance of one picture, got one of ${pages} frames or pages.`,
    { hint: 'Read one of them: nobg(sharp(input, { page: 0 })).' },
  )
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
  // libvips collects the errors of all pictures in one place: of several damaged ones, some are left with these alone.
  [/unable to write to target|^Warning treated as error/, 'CORRUPT_IMAGE'],
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
