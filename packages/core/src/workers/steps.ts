import { decodeImage } from '../image/decode.ts'
import {
  type CutoutSettings,
  type EncodedImage,
  type EncodeSettings,
  encodeCutout,
  encodeMask,
} from '../image/encode.ts'
import { decodeMatte, encodeMatte } from '../image/matte-file.ts'
import { freeMemory } from '../image/memory.ts'
import { widenRaster } from '../image/raster-input.ts'
import { resizeForModel } from '../image/resize.ts'
import { type ComposeSettings, composeCutout } from '../matting/compose.ts'
import { extractAlpha } from '../matting/matte.ts'
import type { Matte, Raster, RasterInput } from '../shared/types.ts'

/** px */
interface Size {
  width: number
  height: number
}

/** A picture to begin with. */
export interface PictureInput {
  /** An encoded image; decoded pixels where there is a `shape`. uint8, [byteLength]; used up. */
  data: Uint8Array
  shape?: Omit<RasterInput, 'data'>
  maxPixels?: number
}

/** All that can be done to one picture, in this order. Where a step gives `data`, it does not use that again. */
export type Steps = ReturnType<typeof createSteps>

/** Opens the steps of one picture. The errors are those of the functions in `image/` and `matting/` that do the work. */
export function createSteps() {
  let raster: Raster
  let matte: Matte
  return {
    async decode({ data, shape, maxPixels }: PictureInput): Promise<Size> {
      raster = shape ? widenRaster(data, shape, maxPixels) : await decodeImage(data, { maxPixels })
      if (raster.data !== data) freeMemory(data)
      return { width: raster.width, height: raster.height }
    },
    /** The picture as the network sees it. */
    prepare: ({ width, height }: Size): Promise<Raster> => resizeForModel(raster, width, height),
    /** What the network would see, as a PNG for another machine. */
    encodeInput: (input: Raster): Promise<EncodedImage> => encodeCutout(input, { format: 'png' }),
    /** Another machine's matte. */
    readMatte: ({ data }: { data: Uint8Array }): Promise<Matte> => decodeMatte(data),
    /** Takes a new matte, and gives it as a file for the cache. */
    async encodeMatte(made: Matte): Promise<{ data: Uint8Array }> {
      matte = made
      return { data: await encodeMatte(made) }
    },
    /** Takes a matte from its file, unless it was made here. */
    async decodeMatte({ bytes }: { bytes: Uint8Array }): Promise<void> {
      matte ??= await decodeMatte(bytes)
    },
    /** Makes the cutout of raster and matte: arithmetic without an end of its turn. */
    compose(settings: ComposeSettings): void {
      const photograph = raster
      raster = composeCutout(raster, matte, settings).raster
      freeMemory(matte.data)
      if (raster.data.buffer !== photograph.data.buffer) freeMemory(photograph.data)
    },
    encodeMask: (settings: EncodeSettings): Promise<EncodedImage> =>
      encodeMask(extractAlpha(raster), settings),
    /** The cutout's alpha, of the cutout's size. */
    getAlpha: (): Matte => extractAlpha(raster),
    /** Makes the cutout's file; the pixels are gone then. */
    async encodeCutout(settings: CutoutSettings): Promise<EncodedImage> {
      const image = await encodeCutout(raster, settings)
      freeMemory(raster.data)
      return image
    },
    /** The cutout itself, instead of a file. */
    getRaster: (): Raster => raster,
    /** Clears the table. */
    clear(): void {
      if (raster) freeMemory(raster.data)
    },
  }
}
