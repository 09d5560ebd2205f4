import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { serve } from '@hono/node-server'
import { NobgError } from '@nobg/core'
import type { Hono } from 'hono'
import { resolveServerConfig, type ServerConfig } from './config.ts'
import { createAddresses } from './files/addresses.ts'
import { createFileShelf } from './files/file-shelf.ts'
import { createUploads } from './files/uploads.ts'
import { createApp } from './http/app.ts'
import { createPageRoutes } from './http/page-routes.ts'
import { openWorkshop } from './jobs/open-workshop.ts'
import { preloadModels } from './jobs/preload.ts'
import { createFetchPublic } from './net/fetch-public.ts'
import { createOutside } from './net/outside.ts'
import { createPostPublic } from './net/post-public.ts'
import { isLoopback } from './net/public-address.ts'
import { createMetrics } from './operations/metrics.ts'
import { createEmbeddedQueue } from './queue/embedded.ts'
import type { Queue } from './queue/queue.ts'
import { quieten } from './redis/connect.ts'
import { openSharedRedis } from './redis/open-queue.ts'
import { openFiles } from './storage/open-storage.ts'
import { keepInFile, openSigningKey } from './webhooks/signing-key.ts'
import { createWebhooks } from './webhooks/webhooks.ts'

/** A server: part of an app of yours by its `fetch`, or one of its own by `listen`. */
export interface NobgServer extends AsyncDisposable {
  /** Hono's app, for the root of another, after the paths of its own: `app.route('/', server.app)`. */
  app: Hono
  /** Answers a request, as any server of fetch's kind wants it; below a path of Hono: `app.mount('/nobg', server.fetch)`. */
  fetch(request: Request): Response | Promise<Response>
  /** Listens. @returns the address @throws where the port is taken */
  listen(at?: { port?: number; host?: string }): Promise<string>
  /** Takes no request any more, and resolves when those that run have ended. Those that wait are kept for the next start. */
  close(): Promise<void>
}

const sweepMs = 60_000
const openToAll =
  'This server listens beyond this machine and has no keys: whoever reaches it may use it. Set keys, or host 127.0.0.1.'

/**
 * Opens a server of fal's BiRefNet protocol.
 *
 * @throws {NobgError} INVALID_OPTION, UNKNOWN_MODEL (of `preload` and `engine.substitute`)
 */
export async function createServer(input?: ServerConfig): Promise<NobgServer> {
  const config = resolveServerConfig(input)
  const { dataDir, logger, fileLifeSeconds } = config
  const onError = (error: unknown) => logger.error({ error }, 'Something failed.')
  const onLoss = quieten(onError)
  let address = config.publicUrl
  const publicUrl = () => {
    if (address) return address
    throw new NobgError(
      'INVALID_OPTION',
      'publicUrl: expected where clients reach this server, got nothing.',
      {
        hint: 'A server that is part of another app cannot know it.',
      },
    )
  }
  const addresses = createAddresses(publicUrl)
  // What lies in there are people's photographs.
  if (!config.redis) await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const shared = config.redis === undefined ? undefined : await openSharedRedis(config.redis, onLoss)
  const files = openFiles(config, onLoss)
  const shelf = createFileShelf(files.storage)
  const uploads = createUploads(files.storage, shelf, {
    maxUploadBytes: config.maxUploadBytes,
    maxStoredBytes: files.needsSweeping ? config.maxStoredBytes : Infinity,
  })
  const ownKey = config.storage ? files.storage : keepInFile(join(dataDir, 'webhook-key.pem'))
  const signingKey = await openSigningKey(shared?.keys ?? ownKey)
  const outside = createOutside(config)
  const preload = preloadModels(config.preload, config.engine, onError)
  const webhooks = createWebhooks(signingKey, createPostPublic(outside), (request, error) =>
    logger.warn({ request: request.id, error }, 'A webhook was given up.'),
  )
  const metrics = createMetrics(() => queue.count())
  const { maxImageBytes, maxWaiting, resultLifeSeconds } = config
  const workshop = openWorkshop({
    engine: config.engine,
    shelf,
    fetchPublic: createFetchPublic(outside),
    maxImageBytes,
    fileLifeSeconds,
    onPicture: metrics.notePicture,
    onError,
    onEnd(request, outcome, waitSeconds, runSeconds) {
      metrics.noteRequest(request, outcome, waitSeconds, runSeconds)
      const { id, app } = request
      logger.info(
        { request: id, app, status: outcome.status, waitSeconds, runSeconds },
        'A request has ended.',
      )
    },
  })
  const queue: Queue = shared
    ? await shared.openQueue({ shelf, webhooks, maxWaiting, resultLifeSeconds, publicUrl, onError })
    : await createEmbeddedQueue({
        dir: join(dataDir, 'queue'),
        concurrency: config.concurrency,
        maxWaiting,
        retentionMs: resultLifeSeconds * 1000,
        run: workshop.runAt(addresses),
        onFinished: webhooks.deliver,
        onError,
      })
  // Without one, nobody knows yet where results will be fetched.
  if (config.publicUrl) queue.start()
  let closing = false
  const findTrouble = async () => {
    if (closing) return 'The server is closing.'
    const isThere = await shared?.ping().then(Boolean, () => false)
    return isThere === false ? 'Redis does not answer.' : preload.findTrouble()
  }
  const operations = { metrics, findTrouble }
  const services = { queue, shelf, addresses, signingKey, operations, settings: config }
  const page = config.page ? createPageRoutes(config.page, config.keys.length > 0, config.engine) : undefined
  const app = createApp(services, uploads, page, onError)
  const sweep = async () => {
    if (files.needsSweeping) await Promise.all([shelf.sweep(), uploads.sweep()]).catch(onError)
  }
  // Now as well: what the last process left counts.
  sweep()
  const sweeper = setInterval(sweep, sweepMs).unref()
  let listener: ReturnType<typeof serve> | undefined

  async function close(): Promise<void> {
    closing = true
    clearInterval(sweeper)
    preload.stop()
    const closed = new Promise<void>(resolve => (listener ? listener.close(() => resolve()) : resolve()))
    await queue.close()
    webhooks.close()
    await outside.close()
    if (listener) await hangUp(listener, closed)
    await workshop.close()
    await files.close()
  }

  return {
    app,
    fetch: request => app.fetch(request),
    listen: ({ port = 3000, host = '127.0.0.1' } = {}) =>
      new Promise((resolve, reject) => {
        listener = serve({ fetch: app.fetch, port, hostname: host }, info => {
          if (config.keys.length === 0 && !isLoopback(info.address)) logger.warn({ host }, openToAll)
          address ??= `http://${host.includes(':') ? `[${host}]` : host}:${info.port}`
          queue.start()
          resolve(address)
        })
        listener.once('error', reject)
      }),
    close,
    [Symbol.asyncDispose]: close,
  }
}

const goodbyeMs = 5000
const lookMs = 20

/** Ends connections once their last answer is out; those that do not take it, after a while. */
async function hangUp(listener: ReturnType<typeof serve>, closed: Promise<void>): Promise<void> {
  if (!('closeIdleConnections' in listener)) return
  const idle = setInterval(() => listener.closeIdleConnections(), lookMs)
  const all = setTimeout(() => listener.closeAllConnections(), goodbyeMs)
  await closed
  clearInterval(idle)
  clearTimeout(all)
}
