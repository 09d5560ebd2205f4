import type { GuardedFetch } from '../net/guarded-fetch.ts'
import type { PostPublic } from './webhooks.ts'

/** Creates a function that posts by a guarded fetch and follows no redirect. @param answerMs timeout of an attempt. */
export function createPostPublic(guardedFetch: GuardedFetch, answerMs = 15_000): PostPublic {
  return async (address, body, headers, signal) => {
    const url = guardedFetch.parse(address)
    const response = await guardedFetch.fetch(url, {
      method: 'POST',
      body,
      headers,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]),
    })
    await response.body?.cancel()
    return response.status
  }
}
