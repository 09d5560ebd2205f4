import { createHash } from 'node:crypto'
import pRetry, { AbortError } from 'p-retry'
import { findRefusal } from '../net/fetch-refusal.ts'
import type { CutoutRequest, Outcome } from '../requests/request.ts'
import type { SigningKey } from './signing-key.ts'

/** Posts text to an address that may be reached. @returns the HTTP status @throws where there is no answer */
export type PostPublic = (
  address: string,
  body: string,
  headers: Record<string, string>,
  signal: AbortSignal,
) => Promise<number>

/** Tells a client's own server of the end of its request, again and again until it listens. */
export interface Webhooks {
  /** Resolves when it has been delivered, or given up. */
  deliver(request: CutoutRequest, outcome: Outcome): Promise<void>
  /** One attempt. @returns whether the answer was a 2xx */
  post(request: CutoutRequest, outcome: Outcome): Promise<boolean>
  /** Stops what is being delivered: it is the next start's. */
  close(): void
}

/** When a delivery is tried again, as p-retry has it. */
interface RetrySchedule {
  retries: number
  minTimeout: number
  factor: number
  maxTimeout: number
}

/** Ten attempts in about two hours: after 5, 15, 45 s, …, at most 30 min apart. */
const defaultSchedule: RetrySchedule = { retries: 9, minTimeout: 5000, factor: 3, maxTimeout: 1_800_000 }

export function createWebhooks(
  key: SigningKey,
  postPublic: PostPublic,
  onGivenUp: (request: CutoutRequest, error: Error) => void,
  schedule: RetrySchedule = defaultSchedule,
): Webhooks {
  const closing = new AbortController()
  const { signal } = closing

  async function post({ id, webhookUrl }: CutoutRequest, outcome: Outcome): Promise<boolean> {
    if (!webhookUrl) return true
    const body = JSON.stringify(describeEnd(id, outcome))
    // Signed anew each time: receivers refuse what is older than five minutes.
    const status = await postPublic(webhookUrl, body, signHeaders(key, id, body), signal)
    return status >= 200 && status < 300
  }

  return {
    post,
    async deliver(request, outcome) {
      const attempt = async () => {
        const isTaken = await post(request, outcome).catch(error => {
          // An address that must not be reached will not become another one.
          throw findRefusal(error) ? new AbortError(findRefusal(error) as Error) : error
        })
        if (!isTaken) throw new Error('The webhook was not answered with a 2xx.')
      }
      await pRetry(attempt, { ...schedule, unref: true, signal }).catch(error => {
        if (!signal.aborted) onGivenUp(request, error)
      })
    },
    close: () => closing.abort(),
  }
}

function describeEnd(id: string, { status, body }: Outcome) {
  const isWell = status < 400
  return {
    request_id: id,
    gateway_request_id: id,
    status: isWell ? 'OK' : 'ERROR',
    payload: body,
    error: isWell ? null : `Invalid status code: ${status}`,
    payload_error: null,
  }
}

function signHeaders(key: SigningKey, id: string, body: string): Record<string, string> {
  const user = 'nobg'
  const timestamp = String(Math.floor(Date.now() / 1000))
  const digest = createHash('sha256').update(body).digest('hex')
  return {
    'content-type': 'application/json',
    'x-fal-webhook-request-id': id,
    'x-fal-webhook-user-id': user,
    'x-fal-webhook-timestamp': timestamp,
    'x-fal-webhook-signature': key.sign([id, user, timestamp, digest].join('\n')),
  }
}
