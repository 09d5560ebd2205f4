import { type Job, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { failServer, lost, startedTooLate } from '../requests/outcomes.ts'
import type { LogLine, Run } from '../requests/request.ts'
import { prefix, runRetryDelay } from './connect.ts'
import { openRequestEvents } from './events.ts'
import { queueNames, type RedisBackend, type RequestJob } from './redis-backend.ts'
import { maxAttempts } from './redis-queue.ts'

export interface RunSettings {
  backend: RedisBackend
  /** For BullMQ's worker, which makes another one of it to wait with. */
  redis: Redis
  concurrency: number
  /** Requests that all workers together begin in a minute; undefined for as many as they can. */
  maxPerMinute?: number
  /** After how long without a sign of life a worker's requests are another's, in milliseconds. */
  takeoverMs: number
  /** Runs a request whose files will be fetched from this address. */
  runAt(publicUrl: string): Run
  onError(error: unknown): void
}

/** Takes requests out of Redis and runs them. */
export interface RunningJobs {
  /** Takes no more, and resolves when those that run have ended. */
  close(): Promise<void>
}

/** Times that a request is put back whose worker died, before it is taken to be the cause. */
const maxDeaths = maxAttempts - 1

export async function runJobs(settings: RunSettings): Promise<RunningJobs> {
  const { backend, redis, takeoverMs, maxPerMinute, onError } = settings
  const worker = new Worker<RequestJob>(
    queueNames.requests,
    (job, _token, signal) => runJob(job, signal as AbortSignal, settings),
    {
      connection: redis,
      prefix,
      autorun: false,
      concurrency: settings.concurrency,
      limiter: maxPerMinute === undefined ? undefined : { max: maxPerMinute, duration: 60_000 },
      lockDuration: takeoverMs,
      stalledInterval: takeoverMs / 2,
      maxStalledCount: maxDeaths,
      runRetryDelay,
    },
  )
  worker.on('error', onError)
  worker.on('failed', (job, error) => {
    onError(error)
    if (job?.finishedOn) backend.end(job.data, lost).catch(onError)
  })
  const events = await openRequestEvents(redis, onError, id => worker.cancelJob(id))
  worker.run().catch(onError)
  return {
    async close() {
      await worker.close()
      await events.close()
    },
  }
}

/** @throws where another machine may do better */
async function runJob(job: Job<RequestJob>, signal: AbortSignal, settings: RunSettings): Promise<void> {
  const { backend, runAt } = settings
  const { request, publicUrl } = job.data
  // It was cancelled while it waited, or a worker died between the end and BullMQ's knowledge of it.
  const outcome = await backend.outcomes.read(request.id)
  if (outcome) return void (await backend.end(job.data, outcome))
  if (job.attemptsStarted <= 1 && (request.startBy ?? Infinity) <= Date.now())
    return void (await backend.end(job.data, startedTooLate))
  const input = await backend.payloads.get(job.data.input)
  if (input === undefined) return void (await backend.end(job.data, failServer()))
  const journal = openJournal(job, settings.onError)
  const result = await runAt(publicUrl)({ ...request, input }, { signal, log: journal.log })
  await journal.written()
  // Too little memory, or no weights: there are other machines.
  if (result.status >= 500 && job.attemptsMade + 1 < maxAttempts)
    throw new Error(`Failed here: ${result.status}.`)
  await backend.end(job.data, result)
}

/** What a request says of itself, for all to read; each line is an event. */
function openJournal(job: Job<RequestJob>, onError: (error: unknown) => void) {
  let last: Promise<unknown> = Promise.resolve()
  let lines = 0
  return {
    log(message: string, level: LogLine['level'] = 'INFO') {
      const line: LogLine = { message, level, source: 'USER', timestamp: new Date().toISOString() }
      const written = ++lines
      last = last
        .then(() => job.log(JSON.stringify(line)))
        .then(() => job.updateProgress(written))
        .catch(onError)
    },
    written: () => last,
  }
}
