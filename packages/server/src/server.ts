import type { Hono } from 'hono'
import { createClosers } from './closers.ts'
import { type ResolvedServerConfig, resolveServerConfig, type ServerConfig } from './config.ts'
import { createPublicUrl } from './files/own-url.ts'
import { createApp } from './http/app.ts'
import { createListener, type Listener } from './http/listener.ts'
import { createPageRoutes } from './http/page-routes.ts'
import { isLoopback } from './net/public-address.ts'
import { openParts } from './open-parts.ts'

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

const openToAll =
  'This server listens beyond this machine and has no keys: whoever reaches it may use it. Set keys, or host 127.0.0.1.'

/**
 * Opens a server of fal's BiRefNet protocol.
 *
 * @throws {NobgError} INVALID_OPTION, UNKNOWN_MODEL (of `preload` and `engine.substitute`)
 */
export async function createServer(input?: ServerConfig): Promise<NobgServer> {
  const config = resolveServerConfig(input)
  const closers = createClosers()
  const listener = createListener()
  const ownUrl = createPublicUrl(config.publicUrl)
  const onError = (error: unknown) => config.logger.error({ error }, 'Something failed.')
  try {
    const { services, uploads } = await openParts({ config, ownUrl, listener, closers, onError })
    const { keys, engine, page } = config
    const pageRoutes = page ? createPageRoutes(page, keys.length > 0, engine) : undefined
    const app = createApp(services, uploads, pageRoutes, onError)
    // Without one, nobody knows yet where results will be fetched.
    if (config.publicUrl) services.queue.start()
    closers.add(listener.stop)
    return {
      app,
      fetch: request => app.fetch(request),
      async listen({ port = 3000, host = '127.0.0.1' } = {}) {
        ownUrl.learn(await listenAt(listener, app, config, { port, host }))
        services.queue.start()
        return ownUrl.read()
      },
      close: closers.close,
      [Symbol.asyncDispose]: closers.close,
    }
  } catch (error) {
    await closers.close().catch(onError)
    throw error
  }
}

/** @returns the address as it was asked for, with the port that it became. */
async function listenAt(
  listener: Listener,
  app: Hono,
  { keys, logger }: ResolvedServerConfig,
  at: { port: number; host: string },
): Promise<string> {
  const { address, port } = await listener.listen(app.fetch, at)
  const { host } = at
  if (keys.length === 0 && !isLoopback(address)) logger.warn({ host }, openToAll)
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
