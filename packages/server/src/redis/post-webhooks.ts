import { UnrecoverableError, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { FetchRefusal } from '../net/fetch-refusal.ts'
import type { CutoutRequest, Outcome } from '../requests/request.ts'
import { RETRY_SCHEDULE, type Webhooks } from '../webhooks/webhooks.ts'
import { prefix, runRetryDelay } from './connect.ts'
import { queueNames, type RedisBackend, type WebhookJob } from './redis-backend.ts'

/** Many at a time, so that slow receivers do not delay others. */
const CONCURRENCY = 20

/** Runs the queue of webhooks: posts outcomes to the servers of clients. All servers of a Redis share the work. */
export function postWebhooks(
  { payloads }: RedisBackend,
  redis: Redis,
  { post }: Webhooks,
  onError: (error: unknown) => void,
): { close(): Promise<void> } {
  const worker = new Worker<WebhookJob>(
    queueNames.webhooks,
    async ({ data: { request, outcome: payload } }) => {
      const outcome = (await payloads.get(payload)) as Outcome | undefined
      if (!outcome) return
      await post(request as CutoutRequest, outcome).catch(error => {
        throw error instanceof FetchRefusal ? new UnrecoverableError(String(error)) : error
      })
    },
    {
      connection: redis,
      prefix,
      concurrency: CONCURRENCY,
      runRetryDelay,
      settings: { backoffStrategy: waitMsAfter },
    },
  )
  worker.on('error', onError)
  return { close: () => worker.close() }
}

function waitMsAfter(attempts: number): number {
  const { minTimeout, factor, maxTimeout } = RETRY_SCHEDULE
  return Math.min(minTimeout * factor ** (attempts - 1), maxTimeout)
}
