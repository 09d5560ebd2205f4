import type { Job } from 'bullmq'
import PQueue from 'p-queue'
import { boundTimer } from '../requests/bound-timer.ts'
import { readInputLength } from '../requests/input-length.ts'
import { canceled, lost, startedTooLate } from '../requests/outcomes.ts'
import { type Queue, QueueClosedError, QueueFullError } from '../requests/queue.ts'
import type { CutoutRequest, Outcome, Snapshot } from '../requests/request.ts'
import type { RequestEvents } from './events.ts'
import { countAhead, readLogs } from './inspect.ts'
import type { RedisBackend, RequestJob } from './redis-backend.ts'
import { reportLoss } from './report-loss.ts'
import { watchRequest } from './watch-request.ts'
import { createWatched, type Watched } from './watched.ts'

export interface RedisQueueSettings {
  backend: RedisBackend
  events: RequestEvents
  /** Maximum of waiting requests. Servers that accept requests at the same moment may exceed it. */
  maxWaiting: number
  /** Maximum of the images of all requests that have not ended, in characters. As inexact as `maxWaiting`. */
  maxWaitingBytes: number
  /** How long the result of a request is kept. */
  resultLifeSeconds: number
  /** @returns the address at which clients reach this server */
  publicUrl(): string
  onError(error: unknown): void
}

/** Number of attempts for a request that fails on a machine. */
export const MAX_ATTEMPTS = 3
const RETRY_MS = 1000
const ID_PATTERN = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

/** Creates the server's side of a queue in Redis. Workers on any machine run its requests. */
export function createRedisQueue(settings: RedisQueueSettings): Queue {
  return reportLoss(new RedisQueue(settings), settings.onError)
}

class RedisQueue implements Queue {
  readonly #settings: RedisQueueSettings
  readonly #backend: RedisBackend
  /** Submits count the waiting requests one after the other. */
  readonly #submits = new PQueue({ concurrency: 1 })
  readonly #closed = new AbortController()
  readonly #watched: Watched
  /** Reads of watchers that have not resolved. */
  readonly #reads = new Set<Promise<unknown>>()

  constructor(settings: RedisQueueSettings) {
    this.#settings = settings
    this.#backend = settings.backend
    this.#watched = createWatched(settings.backend.redis)
  }

  /** Workers run the requests. */
  start(): void {}

  async submit({ input, ...request }: CutoutRequest): Promise<Snapshot> {
    if (this.#closed.signal.aborted) throw new QueueClosedError('The server is closing.')
    const { publicUrl, resultLifeSeconds } = this.#settings
    const place = { publicUrl: publicUrl(), resultLifeSeconds }
    // Checked before a large input is stored, and again when the submit has its turn.
    const length = readInputLength(input)
    await this.#refuseIfFull(length)
    const data = { request, ...place, input: await this.#backend.payloads.put(input) }
    try {
      await this.#submits.add(() => this.#enqueue(data, length))
    } catch (error) {
      await this.#backend.payloads.delete(data.input)
      await this.#backend.inputBytes.forget(request.id)
      throw error
    }
    this.#watchDeadline(data)
    const snapshot = await this.find(request.id)
    return snapshot ?? { id: request.id, state: 'IN_QUEUE', position: 0, logs: [] }
  }

  async find(id: string): Promise<Snapshot | undefined> {
    if (!ID_PATTERN.test(id)) return undefined
    const outcome = await this.#backend.outcomes.read(id)
    if (outcome) return this.#describeEnd(id, outcome)
    const job = await this.#backend.requests.getJob(id)
    return job && this.#describe(id, job)
  }

  async *watch(id: string, signal: AbortSignal): AsyncGenerator<Snapshot> {
    const { events } = this.#settings
    const over = AbortSignal.any([signal, this.#closed.signal])
    const find = () => {
      const read = this.find(id)
      this.#reads.add(read)
      return read.finally(() => this.#reads.delete(read))
    }
    yield* this.#watched.during(id, watchRequest(id, { events, find, over }))
  }

  async wasCut(id: string): Promise<boolean> {
    return ID_PATTERN.test(id) && this.#watched.wasCut(id)
  }

  async cancel(id: string): Promise<'requested' | 'completed' | 'unknown'> {
    const { requests, outcomes, end } = this.#backend
    if (!ID_PATTERN.test(id)) return 'unknown'
    const job = await requests.getJob(id)
    if (!job) return (await outcomes.has(id)) ? 'completed' : 'unknown'
    if (job.finishedOn || !(await end(job.data, canceled))) return 'completed'
    // Fails if a worker runs the job. The event `ended` aborts that run.
    await job.remove().catch(() => {})
    return 'requested'
  }

  async count(): Promise<{ waiting: number; running: number }> {
    const { wait, prioritized, delayed, active } = await this.#backend.requests.getJobCounts(
      'wait',
      'prioritized',
      // Those that failed on a machine and wait for the next attempt.
      'delayed',
      'active',
    )
    return { waiting: wait + prioritized + delayed, running: active }
  }

  async close(): Promise<void> {
    await this.#watched.noteCuts()
    this.#closed.abort()
    await this.#submits.onIdle()
    await Promise.allSettled(this.#reads)
  }

  async #refuseIfFull(length: number): Promise<void> {
    const { maxWaiting, maxWaitingBytes } = this.#settings
    if ((await this.count()).waiting >= maxWaiting)
      throw new QueueFullError(`Expected at most ${maxWaiting} requests to wait.`)
    const waiting = length > 0 ? await this.#backend.inputBytes.sum() : 0
    // A single image is always accepted: other limits apply to it.
    if (waiting > 0 && waiting + length > maxWaitingBytes)
      throw new QueueFullError(`Expected waiting images of at most ${maxWaitingBytes} bytes.`)
  }

  async #enqueue(data: RequestJob, length: number): Promise<void> {
    await this.#refuseIfFull(length)
    if (length > 0) await this.#backend.inputBytes.note(data.request.id, length)
    const age = data.resultLifeSeconds
    await this.#backend.requests.add('request', data, {
      jobId: data.request.id,
      // No priority comes first.
      ...(data.request.priority === 'low' && { priority: 1 }),
      attempts: MAX_ATTEMPTS,
      backoff: { type: 'exponential', delay: RETRY_MS },
      removeOnComplete: { age },
      removeOnFail: { age },
    })
  }

  async #describe(id: string, job: Job<RequestJob>): Promise<Snapshot | undefined> {
    const { outcomes, end, redis, requests } = this.#backend
    if (job.finishedOn) {
      if (Date.now() - job.finishedOn > job.data.resultLifeSeconds * 1000) return undefined
      // It ended after the outcome was read, or its workers crashed.
      if (job.failedReason) await end(job.data, lost)
      const outcome = await outcomes.read(id)
      return outcome && this.#describeEnd(id, outcome)
    }
    if (job.attemptsStarted > 0)
      return { id, state: 'IN_PROGRESS', position: 0, logs: await readLogs(requests, id) }
    if ((job.data.request.startBy ?? Infinity) <= Date.now()) {
      await end(job.data, startedTooLate)
      await job.remove().catch(() => {})
      return this.find(id)
    }
    return { id, state: 'IN_QUEUE', position: await countAhead(redis, requests, id), logs: [] }
  }

  async #describeEnd(id: string, outcome: Outcome): Promise<Snapshot> {
    const logs = await readLogs(this.#backend.requests, id)
    return { id, state: 'COMPLETED', position: 0, logs, outcome }
  }

  /** Reads the request at its deadline, which ends it. Needed if no client and no worker reads it then. */
  #watchDeadline({ request: { id, startBy } }: RequestJob): void {
    if (startBy === undefined) return
    const waitMs = boundTimer(startBy - Date.now() + 1)
    setTimeout(() => this.find(id).catch(this.#settings.onError), waitMs).unref()
  }
}
