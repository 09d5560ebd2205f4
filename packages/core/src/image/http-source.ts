import { abortError, NobgError } from '../errors.ts'
import { type ReadLimits, refuseSize } from './limits.ts'
import { collectStream, silent } from './stream-source.ts'

/**
 * Fetches an `http:` or `https:` URL, redirects followed. `name` is the last segment of the final address. Credentials in
 * the URL are sent as Basic authorization and never appear in an error; nor does its query, which may hold a signature.
 *
 * @throws {NobgError} SOURCE_NOT_FOUND, SOURCE_TIMEOUT, SOURCE_TOO_LARGE, UNSUPPORTED_FORMAT (a web page), ABORTED
 */
export async function fetchImage(url: URL, limits: ReadLimits): Promise<{ bytes: Uint8Array; name: string }> {
  const subject = describeUrl(url)
  const response = await request(url, subject, limits)
  try {
    refuseAnswer(response, subject, limits.maxBytes)
  } catch (error) {
    await response.body?.cancel()
    throw error
  }
  const bytes = response.body ? await collectStream(response.body, subject, limits) : new Uint8Array()
  return { bytes, name: readName(new URL(response.url)) }
}

async function request(url: URL, subject: string, { timeoutMs, signal }: ReadLimits): Promise<Response> {
  const controller = new AbortController()
  const stop = () => controller.abort(signal && abortError(signal))
  const timer =
    timeoutMs > 0 ? setTimeout(() => controller.abort(silent(subject, timeoutMs)), timeoutMs) : undefined
  signal?.addEventListener('abort', stop)
  try {
    return await fetch(withoutCredentials(url), { headers: writeHeaders(url), signal: controller.signal })
  } catch (cause) {
    throw cause instanceof NobgError ? cause : unreachable(subject, cause)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
  }
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
            ? 'The server wants credentials: fetch it yourself and give the bytes.'
            : undefined,
      },
    )
  }
  if (/^text\/html\b/i.test(headers.get('content-type') ?? '')) {
    throw new NobgError(
      'UNSUPPORTED_FORMAT',
      `Expected an image at ${subject}, got a web page (text/html).`,
      {
        hint: 'Give the address of the picture itself, not of the page that shows it.',
      },
    )
  }
  refuseSize(Number(headers.get('content-length') ?? 0), maxBytes, subject)
}

/** fetch refuses a URL that has credentials in it. */
function withoutCredentials(url: URL): URL {
  const bare = new URL(url)
  bare.username = ''
  bare.password = ''
  return bare
}

function writeHeaders({ username, password }: URL): Record<string, string> {
  const accept = 'image/*, */*;q=0.5'
  if (!username && !password) return { accept }
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { accept, authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

function describeUrl({ origin, pathname, search }: URL): string {
  return `${origin}${pathname}${search ? '?…' : ''}`
}

function readName({ pathname }: URL): string {
  const segment = pathname.split('/').at(-1) ?? ''
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

function unreachable(subject: string, cause: unknown): NobgError {
  const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  return new NobgError(
    'SOURCE_NOT_FOUND',
    `Expected an image at ${subject}, but ${reason instanceof Error ? reason.message : reason}`,
    {
      hint: 'Check the address and the network.',
      cause,
    },
  )
}
