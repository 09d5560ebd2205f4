import type { EventEmitter } from 'node:events'
import { Queue, QueueEventsProducer } from 'bullmq'
import type { Redis } from 'ioredis'
import type { FileStore } from '../files/file-store.ts'
import type { CutoutRequest, Outcome } from '../requests/request.ts'
import { prefix } from './connect.ts'
import { createOutcomeStore, type OutcomeStore } from './outcomes.ts'
import { createPayloads, type Payload, type PayloadStore } from './payloads.ts'

/** A request as a job of BullMQ; its id is the request's. */
export interface RequestJob {
  request: Omit<CutoutRequest, 'input'>
  input: Payload
  /** Where the client reaches the server that took the request: the address of its files begins with it. */
  publicUrl: string
  /** How long its end is remembered. */
  resultLifeSeconds: number
}

/** The end of a request, on its way to the client's own server. */
export interface WebhookJob {
  request: Omit<CutoutRequest, 'input'>
  outcome: Payload
}

export const queueNames = { requests: 'requests', webhooks: 'webhooks' } as const

/** Events that a stream holds: as many as somebody who was away may have missed. */
const maxEvents = 10_000
const webhookAttempts = 10
const daySeconds = 24 * 3600

/** What the processes of one Redis share. */
export interface RedisBackend {
  redis: Redis
  requests: Queue<RequestJob>
  ends: OutcomeStore
  payloads: PayloadStore
  /**
   * OutcomeStore a request, once: what comes first counts. Everybody hears of it by the event `ended`, and its webhook is on its
   * way. Does no harm again, and makes up for what a process that died under it left undone.
   *
   * @returns whether it was the first to.
   */
  end(job: RequestJob, outcome: Outcome): Promise<boolean>
  close(): Promise<void>
}

export function createRedisBackend(
  redis: Redis,
  fileStore: FileStore,
  onError: (error: unknown) => void,
): RedisBackend {
  const connection = { connection: redis, prefix }
  const requests = new Queue<RequestJob>(queueNames.requests, connection)
  const webhooks = new Queue<WebhookJob>(queueNames.webhooks, connection)
  const producer = new QueueEventsProducer(queueNames.requests, connection)
  for (const one of [requests, webhooks, producer] as EventEmitter[]) one.on('error', onError)
  const payloads = createPayloads(fileStore)
  const ends = createOutcomeStore(redis, payloads)

  return {
    redis,
    requests,
    ends,
    payloads,
    async end({ request, input, resultLifeSeconds }, outcome) {
      const { isFirst, payload } = await ends.decide(request.id, outcome, resultLifeSeconds)
      if (request.webhookUrl)
        await webhooks.add('webhook', { request, outcome: payload }, webhookOptions(request.id))
      await producer.publishEvent({ eventName: 'ended', jobId: request.id }, maxEvents)
      await payloads.drop(input)
      return isFirst
    },
    async close() {
      await Promise.all([requests.close(), webhooks.close(), producer.close()])
    },
  }
}

/** The id makes a second one of the same request none. */
function webhookOptions(jobId: string) {
  return {
    jobId,
    attempts: webhookAttempts,
    backoff: { type: 'custom' },
    removeOnComplete: { age: daySeconds },
    removeOnFail: { age: daySeconds },
  }
}
