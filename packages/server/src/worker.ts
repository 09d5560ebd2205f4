import { createClosers } from './closers.ts'
import { resolveWorkerConfig, type WorkerConfig } from './config.ts'
import { createAddresses } from './files/addresses.ts'
import { createTokenFileStore } from './files/token-file-store.ts'
import { openRunner } from './jobs/open-runner.ts'
import { preloadModels } from './jobs/preload.ts'
import { createFetchPublic } from './net/fetch-public.ts'
import { createGuardedFetch } from './net/guarded-fetch.ts'
import { removeCommands } from './operations/describe-error.ts'
import { quieten } from './operations/quieten.ts'
import { loadRedis } from './redis/load-redis.ts'
import { explainRefusal } from './redis/refusal.ts'
import type { RunMetrics } from './requests/run-metrics.ts'
import { openFiles } from './storage/open-files.ts'

/** A process that runs the requests that servers put into Redis. */
export interface NobgWorker extends AsyncDisposable {
  /** Accepts no more requests, and resolves when the running requests have ended. */
  close(): Promise<void>
}

/**
 * Starts to run requests from a queue in Redis. Any number of workers on any number of machines share the queue; if one
 * crashes, another runs its requests again.
 *
 * Waits for a Redis that cannot be reached yet.
 *
 * @throws {NobgError} INVALID_OPTION, also if Redis refuses the connection or its packages are not installed; UNKNOWN_MODEL
 *   (of `preload` and `engine.substitute`)
 * @throws {Error} the reason of `signal`
 */
export async function createWorker(input: WorkerConfig): Promise<NobgWorker> {
  const config = resolveWorkerConfig(input)
  const { logger, engine, maxRunSeconds, maxImageBytes, fileLifeSeconds } = config
  const onError = quieten(error => logger.error({ error }, 'An internal error occurred.'))
  const closers = createClosers()
  let metrics: RunMetrics | undefined
  try {
    const files = await openFiles({ ...config, dataDir: '' }, onError)
    closers.add(files.close)
    const fileStore = createTokenFileStore(files)
    const guardedFetch = createGuardedFetch(config)
    closers.add(guardedFetch.close)
    const runner = openRunner({
      engine,
      maxRunSeconds,
      fileStore,
      fetchPublic: createFetchPublic(guardedFetch),
      maxImageBytes,
      fileLifeSeconds,
      onError,
      onPicture: (timings, cached) => metrics?.notePicture(timings, cached),
      onEnd({ id, app }, { status }, waitSeconds, runSeconds) {
        metrics?.noteRun(waitSeconds, runSeconds)
        logger.info({ request: id, app, status, waitSeconds, runSeconds }, 'A request has ended.')
      },
    })
    closers.add(runner.close)
    const runAt = (publicUrl: string) => runner.runAt(createAddresses(() => publicUrl))
    // Loaded on demand: a server without Redis saves 7 MB of heap.
    const { openJobs } = await loadRedis('redis', () => import('./redis/open-jobs.ts'))
    const { concurrency, maxPerMinute, takeoverMs, maxCloseSeconds, signal } = config
    const jobs = await openJobs(config.redis, fileStore, {
      concurrency,
      maxPerMinute,
      takeoverMs,
      maxCloseMs: maxCloseSeconds * 1000,
      runAt,
      onError,
      signal,
      onOpen(opened) {
        metrics = opened
      },
      onWait: ({ message }) => logger.warn({ reason: message }, 'Waiting for Redis.'),
    })
    closers.add(jobs.close)
    closers.add(preloadModels(config.preload, engine, onError).stop)
  } catch (error) {
    await closers.close().catch(onError)
    throw explainRefusal(removeCommands(error))
  }
  return { close: closers.close, [Symbol.asyncDispose]: closers.close }
}
