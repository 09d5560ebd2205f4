import { type ErrorCode, NobgError } from '@nobg/core'
import { failServer } from '../requests/outcomes.ts'
import type { Outcome } from '../requests/request.ts'
import { detailOf, InputError, refuseInput } from './details.ts'

/** Which field an error of the engine is about, and fal's word for it; `server` where the client can do nothing. */
const meanings = {
  INVALID_OPTION: { field: 'options', type: 'value_error' },
  INVALID_SOURCE: { field: 'image_url', type: 'image_load_error' },
  SOURCE_NOT_FOUND: { field: 'image_url', type: 'file_download_error' },
  SOURCE_TIMEOUT: { field: 'image_url', type: 'file_download_error' },
  SOURCE_TOO_LARGE: { field: 'image_url', type: 'file_too_large' },
  UNSUPPORTED_FORMAT: { field: 'image_url', type: 'image_load_error' },
  CORRUPT_IMAGE: { field: 'image_url', type: 'image_load_error' },
  TOO_MANY_PIXELS: { field: 'image_url', type: 'image_too_large' },
  UNKNOWN_MODEL: { field: 'model', type: 'one_of' },
  UNSUPPORTED_RESOLUTION: { field: 'operating_resolution', type: 'feature_not_supported' },
  NO_SUBJECT: { field: 'image_url', type: 'no_media_generated' },
  SOURCE_CHANGED: 'server',
  WEIGHTS_UNAVAILABLE: 'server',
  WEIGHTS_CORRUPT: 'server',
  INSUFFICIENT_MEMORY: 'server',
  INFERENCE_FAILED: 'server',
  REMOTE_FAILED: 'server',
  ABORTED: 'server',
} as const satisfies Record<ErrorCode, { field: string; type: string } | 'server'>

/** What the client may read of an error that is the server's: no path, no address of anything in here. */
const texts: Partial<Record<ErrorCode, string>> = {
  WEIGHTS_UNAVAILABLE: 'The server does not have the weights of this model, and could not get them.',
  WEIGHTS_CORRUPT: 'The weights of this model are damaged on the server.',
  INSUFFICIENT_MEMORY: 'The server has not enough memory for this model at this resolution.',
  INFERENCE_FAILED: 'The model failed on this image.',
}

/** What the client can do, in the words of its own fields: the engine's hints name the engine's options. */
const advice: Partial<Record<ErrorCode, string>> = {
  NO_SUBJECT: 'Set allow_empty to get the empty cut-out.',
}

/** What became of a request that threw. */
export function explainError(error: unknown): Outcome {
  if (error instanceof InputError) return refuseInput(error.details)
  if (error instanceof NobgError) {
    const meaning = meanings[error.code]
    if (meaning !== 'server') {
      const text = [error.message, advice[error.code]].filter(Boolean).join(' ')
      return refuseInput([detailOf(meaning.field, meaning.type, text)])
    }
    return failServer(texts[error.code])
  }
  return failServer()
}
