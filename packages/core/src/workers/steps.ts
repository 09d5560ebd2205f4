import { decodeImage } from '../image/decode.ts'
import {
  type CutoutSettings,
  convertToGif,
  type EncodedImage,
  type EncodeSettings,
  encodeCutout,
  encodeMask,
} from '../image/encode.ts'
import { isJpeg } from '../image/format.ts'
import { decodeGivenMatte } from '../image/given-matte.ts'
import { decodeMatte, encodeKeptMatte, encodeMatte, isPredictedMatte } from '../image/matte-file.ts'
import { freeMemory } from '../image/memory.ts'
import { widenRaster } from '../image/raster-input.ts'
import { resizeForModel } from '../image/resize.ts'
import { isReviewed } from '../image/reviewed-mark.ts'
import { LEAST_ALPHA } from '../matting/bounds.ts'
import { checkMatte, type RawFinding } from '../matting/check-matte.ts'
import { type ComposeSettings, composeCutout } from '../matting/compose.ts'
import { extractAlpha } from '../matting/matte.ts'
import type { Matte, Raster, RasterInput, Size } from '../shared/types.ts'

/** A picture to decode. */
export interface PictureInput {
  /** uint8, [byteLength]: an encoded image or, if `shape` is given, decoded pixels. The step takes ownership. */
  data: Uint8Array
  shape?: Omit<RasterInput, 'data'>
  maxPixels?: number
  svg?: boolean
}

/** A matte of the user to decode. */
export interface GivenMatteInput {
  /** uint8, [byteLength]: an encoded image or, if `shape` is given, decoded pixels. */
  data: Uint8Array
  shape?: Omit<RasterInput, 'data'>
  /** Whether a square matte fits every picture. */
  allowSquare: boolean
  maxPixels?: number
}

/** What is known about a matte of the user. */
interface GivenMatteFacts {
  /** Whether no pixel has the least alpha of a subject. */
  isEmpty: boolean
  /** Whether a person has reviewed exactly these pixels. */
  isReviewed: boolean
}

/** Pictures of more pixels are not held in memory while the network runs, if they are JPEGs. */
const largestHeld = 8e6

/** The steps for one picture, in the order of use. The caller owns the `data` that a step returns. */
export type Steps = ReturnType<typeof createSteps>

/** Creates the steps for one picture. They throw the errors of the functions in `image/` and `matting/` that they call. */
export function createSteps() {
  let raster: Raster
  let matte: Matte
  /** The file of a large JPEG, until the cutout is composed. */
  let jpeg: PictureInput | undefined
  return {
    async decode(picture: PictureInput): Promise<Size> {
      const { data, shape, ...limits } = picture
      raster = shape ? widenRaster(data, shape, limits.maxPixels) : await decodeImage(data, limits)
      if (!shape && isJpeg(data) && raster.data.byteLength > 4 * largestHeld) jpeg = picture
      else if (raster.data !== data) freeMemory(data)
      return { width: raster.width, height: raster.height }
    },
    /** Frees the pixels of a large JPEG, which `restore` decodes again in 4 to 10 ms per megapixel. */
    release(): void {
      if (jpeg) freeMemory(raster.data)
    },
    /** Decodes the picture again if its pixels were freed, and frees the file. */
    async restore(): Promise<void> {
      if (!jpeg) return
      const { data, ...limits } = jpeg
      jpeg = undefined
      if (raster.data.byteLength === 0) raster = await decodeImage(data, limits)
      freeMemory(data)
    },
    /** Scales the picture to a size of the network's input: uint8, [height, width, 3]. */
    prepare: ({ width, height }: Size): Promise<Raster> => resizeForModel(raster, width, height),
    /** Encodes a scaled picture as PNG, for the remote server. */
    encodeInput: (input: Raster): Promise<EncodedImage> => encodeCutout(input, { format: 'png' }),
    /** Decodes the remote server's matte. */
    readMatte: ({ data }: { data: Uint8Array }): Promise<Matte> => decodeMatte(data),
    /** Keeps a new matte, and encodes it for the cache. */
    async encodeMatte(made: Matte): Promise<{ data: Uint8Array }> {
      matte = made
      return { data: await encodeMatte(made) }
    },
    /** Decodes a cached matte, unless the matte was made in this thread. */
    async decodeMatte({ bytes }: { bytes: Uint8Array }): Promise<void> {
      matte ??= await decodeMatte(bytes)
    },
    /** Decodes a matte of the user, and tells whether it has a subject and was reviewed. */
    async decodeGivenMatte({ data, ...settings }: GivenMatteInput): Promise<GivenMatteFacts> {
      const { width, height } = raster
      matte = await decodeGivenMatte(data, { picture: { width, height }, ...settings })
      const isEmpty = !matte.data.some(alpha => alpha >= LEAST_ALPHA)
      return { isEmpty, isReviewed: !settings.shape && (await isReviewed(data, matte)) }
    },
    /** Encodes the matte for the folder of kept mattes. */
    encodeKeptMatte: async (): Promise<{ data: Uint8Array }> => ({ data: await encodeKeptMatte(matte) }),
    /** Whether a file in the folder of kept mattes was not changed since nobg wrote it. */
    isPredictedMatte: ({ data }: { data: Uint8Array }): Promise<boolean> => isPredictedMatte(data),
    /** Checks the matte, and composes the cutout from raster and matte. Blocks the thread until it is done. */
    compose(settings: ComposeSettings): { findings: RawFinding[]; isEmpty: boolean } {
      const photograph = raster
      const findings = checkMatte(matte, photograph)
      const composition = composeCutout(photograph, matte, settings)
      raster = composition.raster
      freeMemory(matte.data)
      if (raster.data.buffer !== photograph.data.buffer) freeMemory(photograph.data)
      return { findings, isEmpty: composition.isEmpty }
    },
    encodeMask: (settings: EncodeSettings): Promise<EncodedImage> =>
      encodeMask(extractAlpha(raster), settings),
    /** Returns the cutout's alpha: uint8, [height, width]. */
    getAlpha: (): Matte => extractAlpha(raster),
    /** Encodes the cutout, and frees its pixels. */
    async encodeCutout(settings: CutoutSettings): Promise<EncodedImage> {
      const image = await encodeCutout(raster, settings)
      freeMemory(raster.data)
      return image
    },
    /** Converts an image file to GIF. Needs no other step. */
    convertToGif: ({ data }: { data: Uint8Array }): Promise<{ data: Uint8Array }> => convertToGif(data),
    /** Returns the cutout's pixels: uint8, [height, width, 4]. */
    getRaster: (): Raster => raster,
    /** Frees the pixels. */
    clear(): void {
      if (raster) freeMemory(raster.data)
      if (jpeg) freeMemory(jpeg.data)
    },
  }
}
