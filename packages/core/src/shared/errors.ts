import { abbreviateMessage } from './abbreviate.ts'

/** Every way in which nobg can refuse or fail. A code, once published, keeps its meaning for ever. */
export type ErrorCode =
  /** An option or config value is unknown or out of range. */
  | 'INVALID_OPTION'
  /** What was given as an image is no image reference at all (wrong type, empty). */
  | 'INVALID_SOURCE'
  /** The path or URL leads nowhere, or to something that is not a file. */
  | 'SOURCE_NOT_FOUND'
  /** Nothing came from the server or the stream for `timeoutMs`. */
  | 'SOURCE_TIMEOUT'
  /** The file is no longer the one that was planned. */
  | 'SOURCE_CHANGED'
  /** The source is larger than `maxBytes`. */
  | 'SOURCE_TOO_LARGE'
  /** The bytes are not an image format that this build of sharp decodes. */
  | 'UNSUPPORTED_FORMAT'
  /** The bytes claim to be an image, and are damaged. */
  | 'CORRUPT_IMAGE'
  /** The image has more pixels than `maxPixels`. */
  | 'TOO_MANY_PIXELS'
  /** No model has this name. */
  | 'UNKNOWN_MODEL'
  /** The model cannot run at the asked operating resolution. */
  | 'UNSUPPORTED_RESOLUTION'
  /** The model's weights are not on disk and may not be, or could not be, downloaded. */
  | 'WEIGHTS_UNAVAILABLE'
  /** A weights file has the wrong size or digest, or ONNX Runtime refuses it. */
  | 'WEIGHTS_CORRUPT'
  /** The model needs more memory than this machine, or the container around it, has left. */
  | 'INSUFFICIENT_MEMORY'
  /** The model ran and failed, its process died, or the memory did not suffice to compose its matte and the picture. */
  | 'INFERENCE_FAILED'
  /** The server that was to run the model (`remote`) could not be reached, or refused. */
  | 'REMOTE_FAILED'
  /** The image has no subject, or none is left after `threshold`; `allowEmpty` accepts that. */
  | 'NO_SUBJECT'
  /** The `AbortSignal` fired. */
  | 'ABORTED'

export interface ErrorDetails {
  /** What the reader should do next, one sentence. */
  hint?: string
  /** The error underneath, if one was caught. */
  cause?: unknown
}

/** The one error class of nobg: a permanent code, what was expected and what came, and what to do next. */
export class NobgError extends Error {
  override readonly name = 'NobgError'
  readonly code: ErrorCode
  readonly hint: string | undefined
  /** Absolute path of the image that is wrong, where it is a file. */
  source?: string

  constructor(code: ErrorCode, message: string, { hint, cause }: ErrorDetails = {}) {
    super(abbreviateMessage(message), cause === undefined ? undefined : { cause })
    this.code = code
    this.hint = hint && abbreviateMessage(hint)
  }

  /** `message`, then the hint on a line of its own: what a terminal or an overlay should show. */
  override toString(): string {
    return `${this.name} [${this.code}]: ${this.message}${this.hint ? `\n  ${this.hint}` : ''}`
  }
}

/** Turns an `AbortSignal`'s reason into the NobgError that every public function throws for it. */
export function abortError(signal: AbortSignal): NobgError {
  return new NobgError('ABORTED', 'The work was aborted by its AbortSignal.', { cause: signal.reason })
}

/** @throws {NobgError} ABORTED when the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortError(signal)
}
