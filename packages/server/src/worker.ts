import { createClosers } from './closers.ts'
import { resolveWorkerConfig, type WorkerConfig } from './config.ts'
import { createAddresses } from './files/addresses.ts'
import { createFileStore } from './files/file-store.ts'
import { openRunner } from './jobs/open-runner.ts'
import { preloadModels } from './jobs/preload.ts'
import { createFetchPublic } from './net/fetch-public.ts'
import { createOutside } from './net/guarded-fetch.ts'
import { quieten } from './operations/quieten.ts'
import { openFiles } from './storage/open-storage.ts'

/** A process that runs what servers have put into Redis. */
export interface NobgWorker extends AsyncDisposable {
  /** Takes no request any more, and resolves when those that run have ended. */
  close(): Promise<void>
}

/**
 * Begins to run requests out of a queue in Redis, beside any number of other workers on any number of machines. Should
 * this one die, another takes what it was at.
 *
 * @throws {NobgError} INVALID_OPTION, also where no Redis answers; UNKNOWN_MODEL (of `preload` and `engine.substitute`)
 */
export async function createWorker(input: WorkerConfig): Promise<NobgWorker> {
  const config = resolveWorkerConfig(input)
  const { logger, engine, maxImageBytes, fileLifeSeconds } = config
  const onError = quieten(error => logger.error({ error }, 'Something failed.'))
  const closers = createClosers()
  try {
    const files = await openFiles({ ...config, dataDir: '' }, onError)
    closers.add(files.close)
    const fileStore = createFileStore(files.storage)
    const outside = createOutside(config)
    closers.add(outside.close)
    const runner = openRunner({
      engine,
      fileStore,
      fetchPublic: createFetchPublic(outside),
      maxImageBytes,
      fileLifeSeconds,
      onError,
      onPicture() {},
      onEnd({ id, app }, { status }, waitSeconds, runSeconds) {
        logger.info({ request: id, app, status, waitSeconds, runSeconds }, 'A request has ended.')
      },
    })
    closers.add(runner.close)
    const runAt = (publicUrl: string) => runner.runAt(createAddresses(() => publicUrl))
    // Loaded here: a server without Redis does not need it, and it is 7 MB of heap.
    const { openJobs } = await import('./redis/open-jobs.ts')
    const { concurrency, maxPerMinute, takeoverMs } = config
    const jobs = await openJobs(config.redis, fileStore, {
      concurrency,
      maxPerMinute,
      takeoverMs,
      runAt,
      onError,
    })
    closers.add(jobs.close)
    closers.add(preloadModels(config.preload, engine, onError).stop)
  } catch (error) {
    await closers.close().catch(onError)
    throw error
  }
  return { close: closers.close, [Symbol.asyncDispose]: closers.close }
}
