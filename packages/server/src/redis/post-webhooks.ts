import { UnrecoverableError, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { findRefusal } from '../net/fetch-refusal.ts'
import type { Outcome } from '../requests/request.ts'
import type { Webhooks } from '../webhooks/webhooks.ts'
import { prefix, runRetryDelay } from './connect.ts'
import { queueNames, type RedisBackend, type WebhookJob } from './redis-backend.ts'

/** Receivers that are slow keep nobody else waiting. */
const concurrency = 20

/** Posts the ends that lie in Redis to the clients' own servers: by whichever server is there, until they listen. */
export function postWebhooks(
  { payloads }: RedisBackend,
  redis: Redis,
  { post }: Webhooks,
  onError: (error: unknown) => void,
): { close(): Promise<void> } {
  const worker = new Worker<WebhookJob>(
    queueNames.webhooks,
    async ({ data: { request, outcome } }) => {
      const end = (await payloads.open(outcome)) as Outcome | undefined
      if (!end) return
      const isTaken = await post(request as never, end).catch(error => {
        // An address that must not be reached will not become another one.
        throw findRefusal(error) ? new UnrecoverableError(String(findRefusal(error))) : error
      })
      if (!isTaken) throw new Error('The webhook was not answered with a 2xx.')
    },
    {
      connection: redis,
      prefix,
      concurrency,
      runRetryDelay,
      settings: { backoffStrategy: waitMsAfter },
    },
  )
  worker.on('error', onError)
  return { close: () => worker.close() }
}

/** After 5, 15, 45 s, …, at most 30 min apart. */
function waitMsAfter(attempts: number): number {
  return Math.min(5000 * 3 ** (attempts - 1), 1_800_000)
}
