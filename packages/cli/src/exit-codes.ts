import { type ErrorCode, NobgError } from '@nobg/core'

/** Exit code of each error code. */
export const EXIT_CODES = {
  INVALID_OPTION: 2,
  UNKNOWN_MODEL: 2,
  LICENSE_NOT_ALLOWED: 2,
  UNSUPPORTED_RESOLUTION: 2,
  INVALID_SOURCE: 3,
  SOURCE_NOT_FOUND: 3,
  SOURCE_TIMEOUT: 3,
  SOURCE_CHANGED: 3,
  INVALID_MATTE: 3,
  MATTE_MISSING: 3,
  SOURCE_TOO_LARGE: 3,
  UNSUPPORTED_FORMAT: 4,
  CORRUPT_IMAGE: 4,
  TOO_MANY_PIXELS: 4,
  NO_SUBJECT: 4,
  DOUBTFUL_MATTE: 4,
  WEIGHTS_UNAVAILABLE: 5,
  WEIGHTS_CORRUPT: 5,
  INSUFFICIENT_MEMORY: 6,
  INFERENCE_FAILED: 6,
  REMOTE_FAILED: 6,
  ABORTED: 130,
} as const satisfies Record<ErrorCode, number>

/** Exit code of errors of the system (a full disk, a folder without write permission) and of mixed failures. */
const OTHER = 1

/** The exit code of an error. */
export function exitCodeOf(error: unknown): number {
  return error instanceof NobgError ? EXIT_CODES[error.code] : OTHER
}

/** Exit code of a batch: 0 without failures, the code that all failures share, or 1. */
export function exitCodeOfAll(errors: readonly unknown[]): number {
  const codes = new Set(errors.map(exitCodeOf))
  return codes.size > 1 ? OTHER : ([...codes][0] ?? 0)
}
