import { abbreviateMessage } from './abbreviate.ts'
import type { Finding } from './types.ts'

/** Codes of all errors. A published code never changes its meaning. */
export type ErrorCode =
  /** An option or config value is unknown or out of range. */
  | 'INVALID_OPTION'
  /** The input is not an image or a reference to an image: it has a wrong type, or is empty. */
  | 'INVALID_SOURCE'
  /** The image cannot be read from the path or the URL: it does not exist, or it cannot be opened or fetched. */
  | 'SOURCE_NOT_FOUND'
  /** The server or the stream sent nothing for `timeoutMs`. Or nobg tried for a minute to open the file, but too many files were open. */
  | 'SOURCE_TIMEOUT'
  /** The file changed while nobg processed it, or after `plan`. */
  | 'SOURCE_CHANGED'
  /** The source is larger than `maxBytes`. */
  | 'SOURCE_TOO_LARGE'
  /** The format of the bytes is not an image format that this build of sharp decodes. */
  | 'UNSUPPORTED_FORMAT'
  /** The bytes are a damaged image. */
  | 'CORRUPT_IMAGE'
  /** The image has more pixels than `maxPixels`. */
  | 'TOO_MANY_PIXELS'
  /** Your own matte or a kept matte cannot be read, is empty, or does not have the aspect ratio of the photograph. */
  | 'INVALID_MATTE'
  /** The build is frozen, and there is no kept matte of the photograph. */
  | 'MATTE_MISSING'
  /** No model has this name. */
  | 'UNKNOWN_MODEL'
  /** The license of the model's weights is not in the config field `licenses`. */
  | 'LICENSE_NOT_ALLOWED'
  /** The model cannot run at the requested operating resolution. */
  | 'UNSUPPORTED_RESOLUTION'
  /** The weights are not on disk, and the download is not allowed or failed. */
  | 'WEIGHTS_UNAVAILABLE'
  /** A weights file has the wrong size or digest, or ONNX Runtime refuses it. */
  | 'WEIGHTS_CORRUPT'
  /** The model needs more memory than is free on the machine or in the container. */
  | 'INSUFFICIENT_MEMORY'
  /**
   * The model could not run: no package of ONNX Runtime works, `@nobg/core` is in a bundle, the process of the model ended
   * unexpectedly, or the memory was not enough to compose the cutout.
   */
  | 'INFERENCE_FAILED'
  /** The server that runs the model (`remote`) cannot be reached, or refused the request. */
  | 'REMOTE_FAILED'
  /** The image has no subject, or none is left after `threshold`. The option `allowEmpty` accepts such images. */
  | 'NO_SUBJECT'
  /** The check of the matte has findings, and the config field `quality` is `error`. */
  | 'DOUBTFUL_MATTE'
  /** The `AbortSignal` fired. */
  | 'ABORTED'

/** Optional parts of an error. */
export interface ErrorDetails {
  /** What the user can do, in one sentence. */
  hint?: string
  /** The original error, if one was caught. */
  cause?: unknown
}

/** The error class of nobg: a permanent code, a message (expected, received) and a hint. */
export class NobgError extends Error {
  override readonly name = 'NobgError'
  readonly code: ErrorCode
  readonly hint: string | undefined
  /** Absolute path of the wrong image, if it is a file. */
  source?: string
  /** Absolute path of the matte that cannot be used, if it is a file. */
  matte?: string
  /** What the check of the matte found, if the code is DOUBTFUL_MATTE. */
  findings?: readonly Finding[]

  constructor(code: ErrorCode, message: string, { hint, cause }: ErrorDetails = {}) {
    super(abbreviateMessage(message), cause === undefined ? undefined : { cause })
    this.code = code
    this.hint = hint && abbreviateMessage(hint)
  }

  /** Returns the message, and the hint on a new line: for terminals and overlays. */
  override toString(): string {
    return `${this.name} [${this.code}]: ${this.message}${this.hint ? `\n  ${this.hint}` : ''}`
  }
}

/** Returns the message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Returns the first line of an error's message: libvips, ONNX Runtime and Node repeat it or add a trace. */
export function firstLineOf(error: unknown): string {
  return messageOf(error).split('\n')[0]
}

/** Returns the error of an aborted call, with the reason of its signal as `cause`. */
export function abortError(signal: AbortSignal): NobgError {
  return new NobgError('ABORTED', 'The work was aborted by its AbortSignal.', { cause: signal.reason })
}

/** @throws {NobgError} ABORTED if the signal has fired */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortError(signal)
}
