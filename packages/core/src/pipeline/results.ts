import type { OptionsInput } from '../options/schema.ts'
import type { ExecutionProvider, Finding, Matte, Raster, RunOptions, Timings } from '../shared/types.ts'
import type { MatteInput, PlannedMatte } from './plan-matte.ts'

/** Options of one image, with `signal` and `onProgress` of its run. */
export interface RemovalOptions extends OptionsInput, RunOptions {
  /**
   * The matte to use in place of a predicted one: an image of the photograph's aspect ratio and any size, whose alpha
   * counts or, if it is opaque, whose gray levels (white: subject). `false` ignores a matte beside the photograph and kept
   * mattes. Default: `ada.matte.png` beside `ada.jpg`, if it exists; else the kept matte.
   */
  matte?: MatteInput
}

/** An encoded picture in memory. */
export interface Picture {
  /** The encoded file: uint8, [byteLength]. The array belongs to the caller, who may transfer it. */
  data: Uint8Array<ArrayBuffer>
  format: 'png' | 'webp' | 'avif'
  /** `image/png`, `image/webp` or `image/avif`. */
  contentType: string
  /** px */
  width: number
  /** px */
  height: number
}

/** How a result was made. */
export interface RunInfo {
  /** Id of the model that made the matte; after a substitution, the id of the substitute. */
  model: string
  /** Milliseconds that this call spent, per stage. */
  timings: Timings
  /** The execution provider that ran the model; absent if this call did not run it. */
  executionProvider?: ExecutionProvider
  /** Where the matte comes from: a file of the user, the folder of kept mattes, or a model. */
  matte: PlannedMatte['origin']
  /** What the check of the matte found; empty if nothing, or if the config `quality` is `off`. */
  findings: Finding[]
  /** True if the result came from the cache. */
  cached: boolean
  /** Milliseconds that the cache saved: the time that making the picture took. 0 if not cached. */
  savedMs: number
}

/** Result of `removeBackground`: the cutout, and the mask if `outputMask` is set. */
export interface RemovalResult extends Picture, RunInfo {
  /** The matte as a grayscale image in `outputFormat`, cropped like the cutout, if `outputMask` is set. */
  mask?: Picture
}

/** Result of `ensure`: the cutout, and the mask if `outputMask` is set, as files on disk. */
export interface CutoutFile extends Omit<Picture, 'data'>, RunInfo {
  /** Absolute path of the cutout: in the cache or, if the cache cannot be written, in a temporary folder until `close`. */
  file: string
  /** Absolute path of the mask, if `outputMask` is set. */
  maskFile?: string
}

/** Result of `composeCutout`: the cutout as pixels. */
export interface ComposedCutout extends Pick<RunInfo, 'timings' | 'executionProvider' | 'findings'> {
  /** uint8, [height, width, 4], RGBA, sRGB, straight alpha. Where alpha is 0, all four bytes are 0. */
  raster: Raster
  /** The cutout's alpha, uint8, [height, width], if `outputMask` is set. */
  mask?: Matte
  /** True if the matte came from the cache. */
  cached: boolean
}
