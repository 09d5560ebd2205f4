import type { Response } from 'undici'
import { abortError, NobgError } from '../shared/errors.ts'
import { type HttpClient, openHttpClient } from '../shared/http-client.ts'
import { readUrlName } from '../shared/names.ts'
import { type RequestAddress, splitCredentials } from '../shared/request-address.ts'
import { type ReadLimits, refuseSize } from './limits.ts'
import { collectStream, silent } from './stream-source.ts'

/**
 * Fetches an image from an `http:` or `https:` URL and follows redirects. `name` is the last segment of the final URL.
 * Credentials in the URL are sent as Basic authorization. Errors contain neither them nor the query, which may be signed.
 *
 * @throws {NobgError} SOURCE_NOT_FOUND, SOURCE_TIMEOUT, SOURCE_TOO_LARGE, UNSUPPORTED_FORMAT (a web page), ABORTED
 */
export async function fetchImage(url: URL, limits: ReadLimits): Promise<{ bytes: Uint8Array; name: string }> {
  const address = splitCredentials(url)
  const subject = address.label
  // No timeout in the client: `collectStream` limits the time between chunks.
  const client = await openHttpClient(0).catch(cause => {
    throw refuseProxy(subject, cause)
  })
  try {
    const response = await request(client, address, limits)
    refuseAnswer(response, subject, limits.maxBytes)
    const stream = response.body as ReadableStream<Uint8Array> | null
    const bytes = stream ? await collectStream(stream, subject, limits) : new Uint8Array()
    return { bytes, name: readUrlName(new URL(response.url)) }
  } finally {
    await client.close()
  }
}

/** Rejects as soon as the signal fires or the time is over. The caller then closes the client, which ends the request. */
function request(
  client: HttpClient,
  { url, label: subject, authorization }: RequestAddress,
  { timeoutMs, signal }: ReadLimits,
): Promise<Response> {
  return new Promise<Response>((resolve, reject) => {
    const stop = () => reject(signal && abortError(signal))
    const timer = timeoutMs > 0 ? setTimeout(() => reject(silent(subject, timeoutMs)), timeoutMs) : undefined
    signal?.addEventListener('abort', stop)
    client
      .fetch(url, { headers: { accept: 'image/*, */*;q=0.5', ...(authorization && { authorization }) } })
      .then(resolve, cause => reject(unreachable(subject, cause)))
      .finally(() => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', stop)
      })
  })
}

function refuseAnswer(
  { ok, status, statusText, headers }: Response,
  subject: string,
  maxBytes: number,
): void {
  if (!ok) {
    throw new NobgError(
      'SOURCE_NOT_FOUND',
      `Expected an image at ${subject}, got ${status} ${statusText}`.trimEnd(),
      {
        hint:
          status === 401 || status === 403
            ? 'The server requires credentials: fetch the image yourself and give its bytes.'
            : undefined,
      },
    )
  }
  if (/^text\/html\b/i.test(headers.get('content-type') ?? '')) {
    throw new NobgError(
      'UNSUPPORTED_FORMAT',
      `Expected an image at ${subject}, got a web page (text/html).`,
      {
        hint: 'Give the URL of the image, not of a page that shows the image.',
      },
    )
  }
  refuseSize(Number(headers.get('content-length') ?? 0), maxBytes, subject)
}

function refuseProxy(subject: string, cause: Error): NobgError {
  return new NobgError(
    'SOURCE_NOT_FOUND',
    `Expected an image at ${subject}, but the proxy of the environment cannot be used: ${cause.message}`,
    { hint: 'Correct HTTP_PROXY and HTTPS_PROXY, or add the host to NO_PROXY.', cause },
  )
}

function unreachable(subject: string, cause: unknown): NobgError {
  const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  return new NobgError(
    'SOURCE_NOT_FOUND',
    `Expected an image at ${subject}, but ${reason instanceof Error ? reason.message : reason}`,
    {
      hint: 'Check the URL and the internet connection.',
      cause,
    },
  )
}
