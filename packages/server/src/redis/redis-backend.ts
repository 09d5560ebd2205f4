import type { EventEmitter } from 'node:events'
import { Queue, QueueEventsProducer } from 'bullmq'
import type { Redis } from 'ioredis'
import type { TokenFileStore } from '../files/token-file-store.ts'
import type { CutoutRequest, Outcome } from '../requests/request.ts'
import { RETRY_SCHEDULE } from '../webhooks/webhooks.ts'
import { prefix } from './connect.ts'
import { createInputBytes, type InputBytes } from './input-bytes.ts'
import { createOutcomeStore, type OutcomeStore } from './outcomes.ts'
import { createPayloadStore, type Payload, type PayloadStore } from './payloads.ts'
import { createSharedMetrics, type SharedMetrics } from './shared-metrics.ts'

/** A request as a job of BullMQ. The id of the job is the request's. */
export interface RequestJob {
  request: Omit<CutoutRequest, 'input'>
  input: Payload
  /** Where the client reaches the server that took the request: the base of the addresses of its files. */
  publicUrl: string
  /** How long the outcome is kept. */
  resultLifeSeconds: number
}

/** An outcome that must be posted to the client's server. */
export interface WebhookJob {
  request: Omit<CutoutRequest, 'input'>
  outcome: Payload
}

export const queueNames = { requests: 'requests', webhooks: 'webhooks' } as const

/** Events that Redis holds for processes that were away. */
const MAX_EVENTS = 10_000
const DAY_SECONDS = 24 * 3600

/** The queues and stores in one Redis, shared by all its processes. */
export interface RedisBackend {
  redis: Redis
  requests: Queue<RequestJob>
  outcomes: OutcomeStore
  payloads: PayloadStore
  inputBytes: InputBytes
  metrics: SharedMetrics
  /**
   * Ends a request. The first outcome counts. Publishes the event `ended` and enqueues the webhook. May be called again
   * for the same request: it completes the steps that a process did not do before it crashed.
   *
   * @returns whether this outcome was the first
   */
  end(job: RequestJob, outcome: Outcome): Promise<boolean>
  close(): Promise<void>
}

export function createRedisBackend(
  redis: Redis,
  fileStore: TokenFileStore,
  onError: (error: unknown) => void,
): RedisBackend {
  const connection = { connection: redis, prefix }
  const requests = new Queue<RequestJob>(queueNames.requests, connection)
  const webhooks = new Queue<WebhookJob>(queueNames.webhooks, connection)
  const producer = new QueueEventsProducer(queueNames.requests, connection)
  for (const one of [requests, webhooks, producer] as EventEmitter[]) one.on('error', onError)
  const payloads = createPayloadStore(fileStore)
  const outcomes = createOutcomeStore(redis, payloads)
  const inputBytes = createInputBytes(redis)
  const metrics = createSharedMetrics(redis, onError)

  return {
    redis,
    requests,
    outcomes,
    payloads,
    inputBytes,
    metrics,
    async end({ request, input, resultLifeSeconds }, outcome) {
      const { isFirst, payload } = await outcomes.decide(request.id, outcome, resultLifeSeconds)
      if (isFirst) metrics.noteEnd(request.app, outcome.status)
      if (request.webhookUrl)
        await webhooks.add('webhook', { request, outcome: payload }, webhookOptions(request.id))
      await producer.publishEvent({ eventName: 'ended', jobId: request.id }, MAX_EVENTS)
      await payloads.delete(input)
      await inputBytes.forget(request.id)
      return isFirst
    },
    async close() {
      await Promise.all([requests.close(), webhooks.close(), producer.close()])
    },
  }
}

/** BullMQ ignores a second job of the same id. */
function webhookOptions(jobId: string) {
  return {
    jobId,
    attempts: RETRY_SCHEDULE.retries + 1,
    backoff: { type: 'custom' },
    removeOnComplete: { age: DAY_SECONDS },
    removeOnFail: { age: DAY_SECONDS },
  }
}
