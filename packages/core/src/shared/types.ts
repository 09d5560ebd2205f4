/** An image to read. A string is a path, a `file:`, `http:` or `https:` URL, or a `data:` URI. */
export type ImageInput =
  | string
  | URL
  | Uint8Array
  | ArrayBuffer
  | Blob
  | ReadableStream<Uint8Array>
  | NodeJS.ReadableStream
  | RasterInput

/**
 * Decoded pixels as an input: uint8, [height, width, channels], interleaved, sRGB, straight alpha, upright. One channel is
 * gray, two are gray and alpha. nobg does not change the array; the caller must not change it while it is in use.
 */
export interface RasterInput {
  data: Uint8Array | Uint8ClampedArray
  /** px */
  width: number
  /** px */
  height: number
  channels: 1 | 2 | 3 | 4
}

/** An image that was read: the digest of its bytes, a name, and the bytes on demand. */
export interface Source {
  /** sha256 of the bytes, or of pixels and their shape, 64 hex digits. */
  digest: string
  /** File name without folder and extension, safe as a file name; `image` if the input has no name. */
  name: string
  /** Absolute path, if the source is a file. */
  path?: string
  /** Shape of `bytes` if they are decoded pixels: uint8, [height, width, channels]. */
  shape?: Omit<RasterInput, 'data'>
  /**
   * The image as given: uint8, [byteLength], never of zero length; encoded unless there is a `shape`. A file is read
   * again at each call and not kept in memory; any other source resolves to the same array.
   *
   * @throws {NobgError} SOURCE_NOT_FOUND if the file does not exist any more, SOURCE_CHANGED if its bytes no longer match `digest`
   */
  bytes(): Promise<Uint8Array>
}

/** Decoded pixels: uint8, [height, width, channels], RGB or RGBA interleaved, sRGB, straight alpha, orientation applied. */
export interface Raster {
  data: Uint8Array
  /** px */
  width: number
  /** px */
  height: number
  channels: 3 | 4
}

/**
 * An alpha matte: alpha in [0,1] held as uint8 (alpha × 255), [height, width]. Mattes are cached as grayscale PNG, so a matte
 * has 8 bits: a new matte equals the cached matte bit for bit.
 */
export interface Matte {
  data: Uint8Array
  /** px */
  width: number
  /** px */
  height: number
}

/** What the check of a matte found. A published code never changes its meaning. */
export type FindingCode =
  /** No pixel has the least alpha of a subject. */
  | 'MATTE_EMPTY'
  /** The subject is tiny. */
  | 'MATTE_NEARLY_EMPTY'
  /** The matte covers the whole frame. */
  | 'MATTE_FULL'
  /** A large part of the subject's interior is not opaque. */
  | 'MATTE_HOLLOW'
  /** A large part of the subject is neither opaque nor transparent. */
  | 'MATTE_UNSURE'
  /** Faint alpha lies over the background. */
  | 'MATTE_HAZY'
  /** A large part of the subject lies in pieces of their own. */
  | 'MATTE_SCATTERED'
  /** The matte ends in a straight line beside the frame, and the photograph goes on there. */
  | 'MATTE_CUT_OFF'

/** A reason to look at a cutout: its matte is probably wrong. */
export interface Finding {
  code: FindingCode
  /** One sentence with the figure. */
  message: string
}

/** Width and height in px. */
export interface Size {
  width: number
  height: number
}

/** A rectangle in px, `left`/`top` inclusive. */
export interface Rectangle extends Size {
  left: number
  top: number
}

/** A report of progress. */
export interface Progress {
  stage: 'download' | 'queue' | 'inference' | 'encode'
  /** Progress in the unit of `total`: bytes for `download`, jobs ahead for `queue`, passes of the network for `inference` (the total may grow), 0 or 1 for `encode`. */
  done: number
  total: number
  /** Speed over the last few seconds; only for `download`, once it is known. */
  bytesPerSecond?: number
  /** Estimated time left in ms; only for `download`, once the speed is known. */
  remainingMs?: number
  /** Id of the model. */
  model: string
}

/**
 * The processor that runs a network: the CPU, or a GPU through WebGPU (Vulkan, Direct3D 12, Metal), CUDA, Core ML or DirectML. The build
 * of ONNX Runtime for the system decides which providers exist.
 *
 * @see https://onnxruntime.ai/docs/get-started/with-javascript/node.html
 */
export type ExecutionProvider = 'cpu' | 'webgpu' | 'cuda' | 'coreml' | 'dml'

/** An execution provider that did not run the model, and why. */
export interface ProviderRefusal {
  executionProvider: ExecutionProvider
  /** One line. */
  reason: string
}

/** Stops a slow call, and reports its progress. */
export interface RunOptions {
  /** Stops the call, which rejects with `NobgError` ABORTED. */
  signal?: AbortSignal
  onProgress?: (progress: Progress) => void
}

/** Milliseconds of wall time per stage of one image; a stage that did not run (cached) is absent. */
export interface Timings {
  read?: number
  decode?: number
  /** Resize to the operating resolution and write the input tensor. */
  prepare?: number
  /** Wait for the weights and for the model. */
  queue?: number
  /** `InferenceSession.run` only. */
  inference?: number
  /** Matte to full size and foreground estimation. */
  foreground?: number
  encode?: number
  total: number
}

/** Receives messages without a newline at the end. `console` is a Logger. */
export interface Logger {
  info(message: string): void
  warn(message: string): void
}
