import { setTimeout as delay } from 'node:timers/promises'
import { type Job, WaitingError, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { boundTimer } from '../requests/bound-timer.ts'
import { failServer, lost, startedTooLate } from '../requests/outcomes.ts'
import type { LogLine, Run } from '../requests/request.ts'
import { createSlots, type Slots } from '../requests/slots.ts'
import { closeUnlessAway } from './close-unless-away.ts'
import { prefix, runRetryDelay } from './connect.ts'
import { openRequestEvents } from './events.ts'
import { queueNames, type RedisBackend, type RequestJob } from './redis-backend.ts'
import { MAX_ATTEMPTS } from './redis-queue.ts'

export interface JobSettings {
  backend: RedisBackend
  /** For BullMQ's worker, which opens a second connection with the same settings. */
  redis: Redis
  concurrency: number
  /** Maximum number of requests that all workers together start in a minute. Default: no limit. */
  maxPerMinute?: number
  /** After how long without a heartbeat other workers take over a worker's requests, in milliseconds. */
  takeoverMs: number
  /** How long `close` waits for running requests before it aborts them. */
  maxCloseMs: number
  /** @returns a function that runs requests whose files get addresses below `publicUrl` */
  runAt(publicUrl: string): Run
  onError(error: unknown): void
}

/** A worker that runs requests of Redis. */
export interface RunningJobs {
  /** Accepts no more requests, and resolves when the running requests have ended. */
  close(): Promise<void>
}

/** How long BullMQ may take to close after the last run was aborted. */
const CLOSE_GRACE_MS = 5000

/** How often a request is run again after its worker crashed. */
const MAX_DEATHS = MAX_ATTEMPTS - 1

export async function runJobs(settings: JobSettings): Promise<RunningJobs> {
  const { backend, redis, takeoverMs, maxPerMinute, maxCloseMs, onError } = settings
  const worker = new Worker<RequestJob>(
    queueNames.requests,
    async (job, token, signal) => {
      await runJob(job, signal as AbortSignal, { ...settings, slots }, token)
    },
    {
      connection: redis,
      prefix,
      autorun: false,
      concurrency: settings.concurrency,
      limiter: maxPerMinute === undefined ? undefined : { max: maxPerMinute, duration: 60_000 },
      lockDuration: takeoverMs,
      stalledInterval: takeoverMs / 2,
      maxStalledCount: MAX_DEATHS,
      runRetryDelay,
    },
  )
  const slots = createWorkerSlots(worker, onError)
  worker.on('error', onError)
  worker.on('failed', (job, error) => {
    onError(error)
    if (job?.finishedOn) backend.end(job.data, lost).catch(onError)
  })
  // Another worker runs them now. If this one still ends first, its outcome counts: only one outcome is stored.
  worker.on('lockRenewalFailed', ids => {
    for (const id of ids) worker.cancelJob(id)
  })
  const events = await openRequestEvents(redis, onError, id => worker.cancelJob(id))
  worker.run().catch(onError)
  return {
    async close() {
      const limit = setTimeout(() => worker.cancelAllJobs(), boundTimer(maxCloseMs))
      const late = new AbortController()
      // BullMQ's `close` may never resolve if Redis was restarted during a run.
      const overdueMs = boundTimer(maxCloseMs + CLOSE_GRACE_MS)
      const overdue = delay(overdueMs, undefined, { signal: late.signal }).then(
        () => void worker.disconnect().catch(onError),
        () => {},
      )
      await Promise.race([worker.close(), overdue])
      late.abort()
      clearTimeout(limit)
      await closeUnlessAway(redis, events.close())
    },
  }
}

/** Creates slots whose worker takes as many more requests as fetch. BullMQ renews the locks of all requests that it has. */
function createWorkerSlots(worker: Worker, onError: (error: unknown) => void): Slots {
  const { concurrency } = worker

  /** A worker whose slots are taken looks for requests when one ends, or when it goes on after a pause. */
  async function wake(): Promise<void> {
    await worker.pause(true)
    await worker.resume()
  }

  return createSlots(concurrency, fetching => {
    const isMore = concurrency + fetching > worker.concurrency
    worker.concurrency = concurrency + fetching
    if (isMore && !worker.closing) wake().catch(onError)
  })
}

/** @throws if another machine may succeed, or if this worker was stopped */
async function runJob(
  job: Job<RequestJob>,
  signal: AbortSignal,
  settings: JobSettings & { slots: Slots },
  token: string | undefined,
): Promise<void> {
  const { backend, runAt, slots } = settings
  const { request, publicUrl } = job.data
  // It was canceled while it waited, or a worker crashed after storing the outcome.
  const outcome = await backend.outcomes.read(request.id)
  if (outcome) return void (await backend.end(job.data, outcome))
  if (job.attemptsStarted <= 1 && (request.startBy ?? Infinity) <= Date.now())
    return void (await backend.end(job.data, startedTooLate))
  const input = await backend.payloads.get(job.data.input)
  if (input === undefined) return void (await backend.end(job.data, failServer()))
  const journal = openJournal(job, settings.onError)
  const run = slots.occupy(runAt(publicUrl))
  const result = await run({ ...request, input }, { signal, log: journal.log })
  await journal.written()
  if (signal.aborted && !(await backend.outcomes.has(request.id))) {
    // No client has canceled it: this worker closes, or has lost its lock. Another worker runs it, at once unless the lock was lost.
    // This does not count as a failure.
    await job.moveToWait(token)
    throw new WaitingError()
  }
  // This machine has too little memory or no weights. Another may have both.
  if (result.status >= 500 && result.status !== 504 && job.attemptsMade + 1 < MAX_ATTEMPTS)
    throw new Error(`The request failed on this machine with status ${result.status}.`)
  await backend.end(job.data, result)
}

/** Writes the log of a request to Redis. Each line publishes an event. */
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
