/** Anything nobg can read an image from. A string is a path, a `file:`, `http:` or `https:` URL, or a `data:` URI. */
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
 * grey, two are grey and alpha. The array is only read, and must not change while it is in use.
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
  /** File name without folder and extension, safe as a file name; `image` where the input has none. */
  name: string
  /** Absolute path, where the source is a file. */
  path?: string
  /** Shape of `bytes` in memory, where they are decoded pixels: uint8, [height, width, channels]. */
  shape?: Omit<RasterInput, 'data'>
  /**
   * The image as given: uint8, [byteLength], never of zero length; encoded unless there is a `shape`. A file is read anew
   * at each call and not held in memory; any other source resolves at once to the same array.
   *
   * @throws {NobgError} SOURCE_NOT_FOUND when the file has gone, SOURCE_CHANGED when its bytes are no longer those of `digest`
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
 * An alpha matte: alpha in [0,1] held as uint8 (alpha × 255), [height, width]. Eight bits, because mattes are cached as
 * greyscale PNG and a fresh matte must equal a cached one to the bit.
 */
export interface Matte {
  data: Uint8Array
  /** px */
  width: number
  /** px */
  height: number
}

/** A rectangle in px, `left`/`top` inclusive. */
export interface Rectangle {
  left: number
  top: number
  width: number
  height: number
}

/** One report of work that lasts. */
export interface Progress {
  stage: 'download' | 'queue' | 'inference' | 'encode'
  /** Done so far, in the unit of `total`: bytes for `download`, jobs ahead for `queue`, runs of the network for `inference` (there may turn out to be more), 0 or 1 for `encode`. */
  done: number
  total: number
  /** Of the last few seconds; for `download` alone, once it is known. */
  bytesPerSecond?: number
  /** Estimate of the time left, in ms; for `download` alone, once the speed is known. */
  remainingMs?: number
  /** Id of the model at work. */
  model: string
}

/**
 * What runs a network: the processor, or a graphics card by way of WebGPU (Vulkan, Direct3D 12, Metal), CUDA, Core ML
 * or DirectML. Which of them there are depends on ONNX Runtime's build for the system.
 *
 * @see https://onnxruntime.ai/docs/get-started/with-javascript/node.html
 */
export type ExecutionProvider = 'cpu' | 'webgpu' | 'cuda' | 'coreml' | 'dml'

/** An execution provider that did not run the model, and why. */
export interface Refusal {
  executionProvider: ExecutionProvider
  /** One line. */
  reason: string
}

/** What may accompany any slow call. */
export interface RunOptions {
  /** Stops the work; the call rejects with `NobgError` ABORTED. */
  signal?: AbortSignal
  onProgress?: (progress: Progress) => void
}

/** Milliseconds of wall time per stage of one image; a stage that did not run (cached) is absent. */
export interface Timings {
  read?: number
  decode?: number
  /** Resize to the operating resolution and write the input tensor. */
  prepare?: number
  /** Waiting for weights and for the model's turn. */
  queue?: number
  /** `InferenceSession.run` alone. */
  inference?: number
  /** Matte to full size and foreground estimation. */
  foreground?: number
  encode?: number
  total: number
}

/** Where core speaks: one line a message, without a newline. `console` fits. */
export interface Logger {
  info(message: string): void
  warn(message: string): void
}
