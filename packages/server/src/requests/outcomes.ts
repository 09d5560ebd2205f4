import type { Outcome } from './request.ts'

// The outcomes of requests that have no result.

export const canceled: Outcome = {
  status: 499,
  body: { detail: 'The request was canceled.', error_type: 'client_cancelled' },
  headers: { 'x-fal-error-type': 'client_cancelled' },
}

export const startedTooLate: Outcome = {
  status: 504,
  body: { detail: 'The request did not start in time.', error_type: 'request_timeout' },
  headers: { 'x-fal-error-type': 'request_timeout', 'x-fal-request-timeout-type': 'user' },
}

/** The run took longer than the server allows. */
export function tookTooLong(seconds: number): Outcome {
  const msg = `The request took longer than ${seconds} s.`
  return { status: 504, body: { detail: [{ loc: ['body'], msg, type: 'generation_timeout' }] } }
}

/** The record expired while the request was read. */
export const expired: Outcome = {
  status: 404,
  body: { detail: 'There is no request of this id, or it has expired.' },
}

/** The process crashed each time that it ran the request. */
export const lost: Outcome = {
  status: 500,
  body: {
    detail: [
      {
        loc: ['body'],
        msg: 'The server stopped each time it ran this request.',
        type: 'internal_server_error',
      },
    ],
  },
}

/** @returns `error` and `error_type` of fal's status; undefined for a request that succeeded */
export function explainOutcome({ status, body }: Outcome): { error: string; errorType: string } | undefined {
  if (status < 400) return undefined
  const { detail, error_type } = body as { detail?: unknown; error_type?: string }
  const first = Array.isArray(detail) ? (detail[0] as { msg?: string; type?: string }) : undefined
  return {
    error: first?.msg ?? (typeof detail === 'string' ? detail : `Invalid status code: ${status}`),
    errorType: error_type ?? first?.type ?? 'internal_error',
  }
}

/** An internal error, in fal's form. @param code nobg's code of the error, for the page. */
export function failServer(msg = 'An internal error occurred.', code?: string): Outcome {
  const body = { detail: [{ loc: ['body'], msg, type: 'internal_server_error' }] }
  return { status: 500, body, ...(code && { headers: { 'x-nobg-error': code } }) }
}
