import { digestBytesSync } from '@nobg/core/internal'
import pRetry from 'p-retry'
import { FetchRefusal, findRefusal } from '../net/fetch-refusal.ts'
import type { CutoutRequest, Outcome } from '../requests/request.ts'
import type { SigningKey } from './signing-key.ts'

/** Posts text to a public address. @returns the HTTP status @throws if there is no answer */
export type PostPublic = (
  address: string,
  body: string,
  headers: Record<string, string>,
  signal: AbortSignal,
) => Promise<number>

/** Posts the outcomes of requests to the servers of clients. */
export interface Webhooks {
  /** Tries until a 2xx by {@link RETRY_SCHEDULE}. Resolves when the outcome was delivered or given up. */
  deliver(request: CutoutRequest, outcome: Outcome): Promise<void>
  /**
   * Tries once; does nothing for a request without a webhook.
   *
   * @throws {FetchRefusal} if the address must not be reached: another attempt would fail as well
   * @throws {Error} if the answer is not a 2xx, or there is none
   */
  post(request: CutoutRequest, outcome: Outcome): Promise<void>
  /** Stops all deliveries without giving them up: the next process delivers them. */
  close(): void
}

/** When a delivery is tried again, in p-retry's form; times in milliseconds. */
interface RetrySchedule {
  retries: number
  minTimeout: number
  factor: number
  maxTimeout: number
}

/** Ten attempts in about two hours: after 5, 15, 45 s, …, at most 30 min apart. */
export const RETRY_SCHEDULE: RetrySchedule = {
  retries: 9,
  minTimeout: 5000,
  factor: 3,
  maxTimeout: 1_800_000,
}

/** @param readBody returns the body of an outcome, with its files as the request wants them. */
export function createWebhooks(
  key: SigningKey,
  postPublic: PostPublic,
  readBody: (outcome: Outcome) => Promise<unknown>,
  onGivenUp: (request: CutoutRequest, error: Error) => void,
  schedule: RetrySchedule = RETRY_SCHEDULE,
): Webhooks {
  const closing = new AbortController()
  const { signal } = closing

  async function post({ id, webhookUrl }: CutoutRequest, outcome: Outcome): Promise<void> {
    if (!webhookUrl) return
    const body = JSON.stringify(describeEnd(id, outcome.status, await readBody(outcome)))
    // Each attempt is signed: receivers refuse signatures that are older than five minutes.
    const headers = signHeaders(key, id, body)
    const status = await postPublic(webhookUrl, body, headers, signal).catch(error => {
      throw findRefusal(error) ?? error
    })
    if (status < 200 || status > 299) throw new Error(`Expected a 2xx from the webhook, got ${status}.`)
  }

  return {
    post,
    async deliver(request, outcome) {
      const shouldRetry = ({ error }: { error: Error }) => !(error instanceof FetchRefusal)
      const options = { ...schedule, shouldRetry, unref: true, signal }
      await pRetry(() => post(request, outcome), options).catch(error => {
        if (!signal.aborted) onGivenUp(request, error)
      })
    },
    close: () => closing.abort(),
  }
}

function describeEnd(id: string, status: number, body: unknown) {
  const isOk = status < 400
  return {
    request_id: id,
    gateway_request_id: id,
    status: isOk ? 'OK' : 'ERROR',
    payload: body,
    error: isOk ? null : `Invalid status code: ${status}`,
    payload_error: null,
  }
}

function signHeaders(key: SigningKey, id: string, body: string): Record<string, string> {
  const user = 'nobg'
  const timestamp = String(Math.floor(Date.now() / 1000))
  const digest = digestBytesSync(body)
  return {
    'content-type': 'application/json',
    'x-fal-webhook-request-id': id,
    'x-fal-webhook-user-id': user,
    'x-fal-webhook-timestamp': timestamp,
    'x-fal-webhook-signature': key.sign([id, user, timestamp, digest].join('\n')),
  }
}
