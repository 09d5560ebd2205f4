import { type ErrorCode, NobgError } from '@nobg/core'
import { failServer } from '../requests/outcomes.ts'
import type { Outcome } from '../requests/request.ts'
import { detailOf, InputError, refuseInput } from './details.ts'

/** The field and fal's error type for each code of the engine; `server` if the client cannot correct it. */
const FIELDS = {
  INVALID_OPTION: { field: 'options', type: 'value_error' },
  INVALID_SOURCE: { field: 'image_url', type: 'image_load_error' },
  SOURCE_NOT_FOUND: { field: 'image_url', type: 'file_download_error' },
  SOURCE_TIMEOUT: { field: 'image_url', type: 'file_download_error' },
  SOURCE_TOO_LARGE: { field: 'image_url', type: 'file_too_large' },
  UNSUPPORTED_FORMAT: { field: 'image_url', type: 'image_load_error' },
  CORRUPT_IMAGE: { field: 'image_url', type: 'image_load_error' },
  TOO_MANY_PIXELS: { field: 'image_url', type: 'image_too_large' },
  UNKNOWN_MODEL: { field: 'model', type: 'one_of' },
  LICENSE_NOT_ALLOWED: { field: 'model', type: 'one_of' },
  UNSUPPORTED_RESOLUTION: { field: 'operating_resolution', type: 'feature_not_supported' },
  NO_SUBJECT: { field: 'image_url', type: 'no_media_generated' },
  DOUBTFUL_MATTE: { field: 'image_url', type: 'no_media_generated' },
  SOURCE_CHANGED: 'server',
  INVALID_MATTE: 'server',
  MATTE_MISSING: 'server',
  WEIGHTS_UNAVAILABLE: 'server',
  WEIGHTS_CORRUPT: 'server',
  INSUFFICIENT_MEMORY: 'server',
  INFERENCE_FAILED: 'server',
  REMOTE_FAILED: 'server',
  ABORTED: 'server',
} as const satisfies Record<ErrorCode, { field: string; type: string } | 'server'>

/** Messages of internal errors that clients may read: without paths and addresses. */
const PUBLIC_MESSAGES: Partial<Record<ErrorCode, string>> = {
  WEIGHTS_UNAVAILABLE: 'The server does not have the weights of this model and could not download them.',
  WEIGHTS_CORRUPT: 'The server has damaged weights of this model.',
  INSUFFICIENT_MEMORY: 'The server does not have enough memory for this model at this resolution.',
  INFERENCE_FAILED: 'The model failed on this image.',
}

/** Hints that name fal's fields. The engine's hints name the engine's options. */
const HINTS: Partial<Record<ErrorCode, string>> = {
  NO_SUBJECT: 'Set allow_empty to get an empty cutout.',
}

/** @returns the outcome of a request that threw */
export function toOutcome(error: unknown): Outcome {
  if (error instanceof InputError) return refuseInput(error.details)
  if (error instanceof NobgError) {
    const field = FIELDS[error.code]
    if (field !== 'server') {
      const text = [error.message, HINTS[error.code]].filter(Boolean).join(' ')
      return refuseInput([detailOf(field.field, field.type, text)])
    }
    return failServer(PUBLIC_MESSAGES[error.code], error.code)
  }
  return failServer()
}
