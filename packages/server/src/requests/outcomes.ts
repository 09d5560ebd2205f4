import type { Outcome } from './request.ts'

/** What has become of a request without a result of its own. */
export const cancelled: Outcome = {
  status: 499,
  body: { detail: 'The request was cancelled.', error_type: 'client_cancelled' },
  headers: { 'x-fal-error-type': 'client_cancelled' },
}

export const startedTooLate: Outcome = {
  status: 504,
  body: { detail: 'The request did not start in time.', error_type: 'request_timeout' },
  headers: { 'x-fal-error-type': 'request_timeout', 'x-fal-request-timeout-type': 'user' },
}

/** It was forgotten between two looks at it. */
export const expired: Outcome = {
  status: 404,
  body: { detail: 'There is no request of this id, or it has expired.' },
}

/** The server went down under it, more than once. */
export const lost: Outcome = {
  status: 500,
  body: {
    detail: [
      {
        loc: ['body'],
        msg: 'The server stopped each time while it worked on this request.',
        type: 'internal_server_error',
      },
    ],
  },
}

/** Whether a request ended without its result, and why: `error` and `error_type` of fal's status. */
export function explainOutcome({ status, body }: Outcome): { error: string; errorType: string } | undefined {
  if (status < 400) return undefined
  const { detail, error_type } = body as { detail?: unknown; error_type?: string }
  const first = Array.isArray(detail) ? (detail[0] as { msg?: string; type?: string }) : undefined
  return {
    error: first?.msg ?? (typeof detail === 'string' ? detail : `Invalid status code: ${status}`),
    errorType: error_type ?? first?.type ?? 'internal_error',
  }
}

/** An error of the server, in the form of fal's errors. */
export function failServer(msg = 'Something went wrong in the server.'): Outcome {
  return { status: 500, body: { detail: [{ loc: ['body'], msg, type: 'internal_server_error' }] } }
}
