import { NobgError } from '@nobg/core'
import { firstLineOf } from '@nobg/core/internal'
import type { Notice } from './protocol.ts'

/** An answer other than success. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const COMMON_HEADERS = {
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
}

/** An answer as JSON, which is never cached. */
export function respondJson(value: unknown, status = 200): Response {
  const headers = { ...COMMON_HEADERS, 'content-type': 'application/json', 'cache-control': 'no-store' }
  return new Response(JSON.stringify(value), { status, headers })
}

/** An answer with a file or a picture. */
export function respondBytes(
  bytes: Uint8Array | string,
  type: string,
  headers: Record<string, string> = {},
): Response {
  return new Response(bytes as Uint8Array<ArrayBuffer> | string, {
    headers: { ...COMMON_HEADERS, 'content-type': type, ...headers },
  })
}

/** The answer to a request that failed. */
export function respondError(error: unknown): Response {
  const status = error instanceof HttpError ? error.status : error instanceof NobgError ? 422 : 500
  return respondJson({ error: explain(error) }, status)
}

/** What the page shows about an error. */
export function explain(error: unknown): Notice {
  if (error instanceof NobgError) return { code: error.code, message: error.message, hint: error.hint }
  return {
    code: error instanceof HttpError ? `HTTP_${error.status}` : 'INTERNAL',
    message: firstLineOf(error),
  }
}
