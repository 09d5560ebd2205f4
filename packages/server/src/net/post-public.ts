import { type Dispatcher, fetch } from 'undici'
import type { PostPublic } from '../webhooks/webhooks.ts'

/** A receiver that takes longer has not received. */
const answerMs = 15_000

/** Posts where {@link createFetchPublic} would fetch; follows no redirect. */
export function createPostPublic(dispatcherOf: (url: URL) => Dispatcher): PostPublic {
  return async (address, body, headers) => {
    const url = new URL(address)
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers,
      redirect: 'manual',
      dispatcher: dispatcherOf(url),
      signal: AbortSignal.timeout(answerMs),
    })
    await response.body?.cancel()
    return response.status
  }
}
