import { join } from 'node:path'
import type { Closers } from './closers.ts'
import type { ResolvedServerConfig } from './config.ts'
import { createAddresses } from './files/addresses.ts'
import { inlineSmallFiles } from './files/inline-files.ts'
import type { PublicUrl } from './files/public-url.ts'
import { createBuffers } from './http/limit-buffers.ts'
import type { Listener } from './http/listener.ts'
import type { UploadParts } from './http/receive-upload.ts'
import type { Services } from './http/services.ts'
import { openRunner, type Runner } from './jobs/open-runner.ts'
import { preloadModels } from './jobs/preload.ts'
import { createFetchPublic } from './net/fetch-public.ts'
import { createGuardedFetch, type GuardedFetch } from './net/guarded-fetch.ts'
import { openStores, type Stores } from './open-stores.ts'
import { createHealth } from './operations/health.ts'
import { createMetrics, type Metrics } from './operations/metrics.ts'
import { createDiskProbe } from './operations/probe-disk.ts'
import { createEmbeddedQueue } from './queue/embedded-queue.ts'
import type { Queue } from './requests/queue.ts'
import { createPostPublic } from './webhooks/post-public.ts'
import { createWebhooks } from './webhooks/webhooks.ts'

const LOST_MESSAGE =
  'This process was suspended for too long, and another server has taken over dataDir. From now on this process answers every request with 503. Restart this process.'

interface PartsSettings {
  config: ResolvedServerConfig
  publicUrl: PublicUrl
  listener: Listener
  /** Receives everything that is opened. */
  closers: Closers
  onError(error: unknown): void
}

/** Opens everything that the HTTP routes need. @throws {NobgError} INVALID_OPTION, UNKNOWN_MODEL */
export async function openParts(
  settings: PartsSettings,
): Promise<{ services: Services; uploads: UploadParts }> {
  const { config, publicUrl, listener, closers, onError } = settings
  const stores = await openStores(config, closers, onError)
  const { fileStore, signingKey, shared, uploads, hasRoom, isStreamed } = stores
  const guardedFetch = createGuardedFetch(config)
  const metrics = createMetrics({ count: () => queue.count(), readShared: shared?.readMetrics })
  const runner = openEngine(settings, stores, guardedFetch, metrics)
  closers.add(runner.close)
  // Closed after the queue and before the engine: clients still fetch the last results.
  closers.add(listener.hangUp)
  closers.add(guardedFetch.close)
  let isLost = false
  const onLost = (error: Error) => {
    isLost = true
    config.logger.error({ error }, LOST_MESSAGE)
  }
  const queue: Queue = await openQueue(settings, stores, guardedFetch, runner, metrics, onLost)
  closers.add(() => queue.close())
  const preload = preloadModels(config.preload, config.engine, onError)
  closers.add(preload.stop)
  const findTrouble = createHealth(
    () => closers.isClosing,
    shared?.probe ?? createDiskProbe(config.dataDir),
    preload,
  )
  const addresses = createAddresses(publicUrl.read)
  const operations = { metrics, findTrouble }
  const services: Services = {
    queue,
    fileStore,
    hasRoom,
    addresses,
    signingKey,
    operations,
    settings: config,
    buffers: createBuffers(config.maxBufferedBytes),
    isLost: () => isLost,
  }
  return { services, uploads: { uploads, isStreamed } }
}

function openEngine(
  { config, onError }: PartsSettings,
  { fileStore }: Stores,
  guardedFetch: GuardedFetch,
  metrics: Metrics,
): Runner {
  const { engine, maxRunSeconds, maxImageBytes, fileLifeSeconds, logger } = config
  return openRunner({
    engine,
    maxRunSeconds,
    fileStore,
    fetchPublic: createFetchPublic(guardedFetch),
    maxImageBytes,
    fileLifeSeconds,
    onPicture: metrics.notePicture,
    onError,
    onEnd(request, outcome, waitSeconds, runSeconds) {
      metrics.noteRun(waitSeconds, runSeconds)
      const { id, app } = request
      logger.info(
        { request: id, app, status: outcome.status, waitSeconds, runSeconds },
        'A request has ended.',
      )
    },
  })
}

async function openQueue(
  { config, publicUrl, closers, onError }: PartsSettings,
  { shared, fileStore, signingKey }: Stores,
  guardedFetch: GuardedFetch,
  runner: Runner,
  metrics: Metrics,
  onLost: (error: Error) => void,
): Promise<Queue> {
  const { maxWaiting, maxWaitingBytes, resultLifeSeconds, concurrency, maxCloseSeconds, dataDir, logger } =
    config
  const webhooks = createWebhooks(
    signingKey,
    createPostPublic(guardedFetch),
    outcome => inlineSmallFiles(outcome, fileStore),
    (request, error) => logger.warn({ request: request.id, error }, 'A webhook could not be delivered.'),
  )
  closers.add(webhooks.close)
  if (shared)
    return shared.openQueue({
      fileStore,
      webhooks,
      maxWaiting,
      maxWaitingBytes,
      resultLifeSeconds,
      publicUrl: publicUrl.read,
      onError,
    })
  return createEmbeddedQueue({
    dir: join(dataDir, 'queue'),
    concurrency,
    maxWaiting,
    maxWaitingBytes,
    retentionMs: resultLifeSeconds * 1000,
    maxCloseMs: maxCloseSeconds * 1000,
    run: runner.runAt(createAddresses(publicUrl.read)),
    onEnded: ({ app }, { status }) => metrics.noteEnd(app, status),
    onFinished: webhooks.deliver,
    onError,
    onLost(error) {
      webhooks.close()
      onLost(error)
    },
  })
}
