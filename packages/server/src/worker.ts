import { resolveWorkerConfig, type WorkerConfig } from './config.ts'
import { createAddresses } from './files/addresses.ts'
import { createFileShelf } from './files/file-shelf.ts'
import { openWorkshop } from './jobs/open-workshop.ts'
import { preloadModels } from './jobs/preload.ts'
import { createFetchPublic } from './net/fetch-public.ts'
import { createOutside } from './net/outside.ts'
import { connectRedis, quieten, waitForever } from './redis/connect.ts'
import { createExchange } from './redis/exchange.ts'
import { runJobs } from './redis/run-jobs.ts'
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
  const { logger, engine, concurrency, maxPerMinute, takeoverMs, maxImageBytes, fileLifeSeconds } = config
  const onError = quieten(error => logger.error({ error }, 'Something failed.'))
  const preload = preloadModels(config.preload, engine, onError)
  const redis = await connectRedis(config.redis, waitForever, onError)
  const files = openFiles({ ...config, dataDir: '' }, onError)
  const shelf = createFileShelf(files.storage)
  const outside = createOutside(config)
  const workshop = openWorkshop({
    engine,
    shelf,
    fetchPublic: createFetchPublic(outside),
    maxImageBytes,
    fileLifeSeconds,
    onError,
    onPicture() {},
    onEnd({ id, app }, { status }, waitSeconds, runSeconds) {
      logger.info({ request: id, app, status, waitSeconds, runSeconds }, 'A request has ended.')
    },
  })
  const exchange = createExchange(redis, shelf, onError)
  const runAt = (publicUrl: string) => workshop.runAt(createAddresses(() => publicUrl))
  const jobs = await runJobs({ exchange, redis, concurrency, maxPerMinute, takeoverMs, runAt, onError })

  async function close(): Promise<void> {
    preload.stop()
    await jobs.close()
    await exchange.close()
    redis.disconnect()
    await outside.close()
    await workshop.close()
    await files.close()
  }

  return { close, [Symbol.asyncDispose]: close }
}
