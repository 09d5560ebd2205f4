import type { Response } from 'undici'
import { openHttpClient } from '../shared/http-client.ts'
import type { Mirror } from './mirrors.ts'

/** An address does not serve the file. */
export class TransferError extends Error {
  /** Whether a retry may succeed: the connection broke, or the server is busy. */
  readonly isPassing: boolean

  constructor(message: string, isPassing: boolean) {
    super(message)
    this.isPassing = isPassing
  }
}

/** The answer of a server. */
export interface Answer {
  /** Position of the first byte in the file: the requested one, or 0. */
  start: number
  /** Size of the whole file in bytes; absent if the server does not send it. */
  total?: number
  /** Content type, in lower case. */
  type: string
  /** @throws {TransferError} if the connection breaks or times out */
  body: AsyncIterable<Uint8Array>
}

/** Requests files, through the proxy that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name. */
export interface Requester {
  /**
   * Requests a file from byte `start` on. If the server does not send exactly this range, requests the whole file, and the
   * answer starts at 0.
   *
   * @throws {TransferError}
   */
  ask(mirror: Mirror, start: number, signal: AbortSignal | undefined): Promise<Answer>
  /** Ends all connections. */
  close(): Promise<void>
}

/** @param timeoutMs time without data after which a request fails; 0: no limit */
export async function openRequester(timeoutMs: number): Promise<Requester> {
  const client = await openHttpClient(timeoutMs)

  async function request(mirror: Mirror, start: number, signal?: AbortSignal): Promise<Response> {
    const { url, authorization } = mirror
    const headers = {
      'accept-encoding': 'identity',
      'user-agent': 'nobg',
      ...(authorization && { authorization }),
      ...(start > 0 && { range: `bytes=${start}-` }),
    }
    return client.fetch(url, { headers, signal }).catch(cause => {
      throw broken(cause, timeoutMs)
    })
  }

  return {
    async ask(mirror, start, signal) {
      let response = await request(mirror, start, signal)
      if (start > 0 && response.status !== 200 && !startsAt(response, start)) {
        // A server without support for ranges may still serve the whole file.
        await discard(response)
        response = await request(mirror, 0, signal)
      }
      return readAnswer(response, timeoutMs)
    },
    close: () => client.close(),
  }
}

/** Statuses after which a retry may succeed. */
const passing = new Set([408, 425, 429, 500, 502, 503, 504])

async function readAnswer(response: Response, timeoutMs: number): Promise<Answer> {
  const { status, statusText, headers, body } = response
  const isPart = status === 206
  const range = isPart ? readRange(response) : undefined
  if (!body || !(status === 200 || range)) {
    await discard(response)
    throw new TransferError(`got HTTP ${status} ${statusText}`.trim(), passing.has(status))
  }
  const length = Number(headers.get('content-length') ?? Number.NaN)
  const isEncoded = (headers.get('content-encoding') ?? 'identity') !== 'identity'
  return {
    start: range?.start ?? 0,
    total: range ? range.total : isEncoded || Number.isNaN(length) ? undefined : length,
    type: (headers.get('content-type') ?? '').toLowerCase(),
    body: readBody(body, timeoutMs),
  }
}

/** Whether an answer is an unencoded range that starts at `start`. */
function startsAt(response: Response, start: number): boolean {
  const encoding = response.headers.get('content-encoding') ?? 'identity'
  return response.status === 206 && encoding === 'identity' && readRange(response)?.start === start
}

function readRange({ headers }: Response): { start: number; total?: number } | undefined {
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? []
  return start === undefined
    ? undefined
    : { start: Number(start), total: total === '*' ? undefined : Number(total) }
}

async function* readBody(body: AsyncIterable<Uint8Array>, timeoutMs: number): AsyncGenerator<Uint8Array> {
  try {
    yield* body
  } catch (cause) {
    throw broken(cause, timeoutMs)
  }
}

async function discard({ body }: Response): Promise<void> {
  await body?.cancel().catch(() => {})
}

/** Codes of errors that may pass. A wrong name, address, proxy or certificate fails again. */
const broke = /^(ECONNRESET|EPIPE|ETIMEDOUT|EAI_AGAIN|UND_ERR_SOCKET|UND_ERR_RES_CONTENT_LENGTH_MISMATCH)$/

/** The message of fetch is "fetch failed" or "terminated"; the reason is in `cause`. */
function broken(error: unknown, timeoutMs: number): TransferError {
  const { message, cause } = error as Error
  const reason = (cause ?? {}) as NodeJS.ErrnoException
  if (/^UND_ERR_(BODY|HEADERS)_TIMEOUT$/.test(reason.code ?? ''))
    return new TransferError(`got no bytes for ${timeoutMs} ms`, true)
  return new TransferError(
    reason.message ? `${message} (${reason.message})` : message,
    broke.test(reason.code ?? ''),
  )
}
