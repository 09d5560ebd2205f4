import type { Hono } from 'hono'
import { createClosers } from './closers.ts'
import { type ResolvedServerConfig, resolveServerConfig, type ServerConfig } from './config.ts'
import { createPublicUrl } from './files/public-url.ts'
import { createApp } from './http/app.ts'
import { createListener, type Listener } from './http/listener.ts'
import { createPageRoutes } from './http/page-routes.ts'
import { isLoopback } from './net/public-address.ts'
import { openParts } from './open-parts.ts'
import { removeCommands } from './operations/describe-error.ts'
import { explainRefusal } from './redis/refusal.ts'

/** A server. It listens at a port (`listen`) or is part of another app (`fetch`, `app`). */
export interface NobgServer extends AsyncDisposable {
  /** Hono's app, for the root of another app of Hono, after its own routes: `app.route('/', server.app)`. */
  app: Hono
  /** The standard fetch handler. Below a path of an app of Hono: `app.mount('/nobg', server.fetch)`. */
  fetch(request: Request): Response | Promise<Response>
  /** Listens. Default: port 3000 of 127.0.0.1. @returns the address @throws if the port is taken */
  listen(at?: { port?: number; host?: string }): Promise<string>
  /** Accepts no more requests, and resolves when the running requests have ended. Waiting requests run after the next start. */
  close(): Promise<void>
}

const NO_KEYS_WARNING =
  'This server can be reached from other machines and has no keys: anyone can use it. Set keys, or host 127.0.0.1.'

/**
 * Opens a server with the protocol of fal's BiRefNet. Call `listen`, or use `fetch` or `app` in your own app.
 *
 * @throws {NobgError} INVALID_OPTION, UNKNOWN_MODEL (of `preload` and `engine.substitute`)
 */
export async function createServer(input?: ServerConfig): Promise<NobgServer> {
  const config = resolveServerConfig(input)
  const closers = createClosers()
  const listener = createListener()
  const publicUrl = createPublicUrl(config.publicUrl)
  const onError = (error: unknown) => config.logger.error({ error }, 'An internal error occurred.')
  try {
    const { services, uploads } = await openParts({ config, publicUrl, listener, closers, onError })
    const { keys, engine, page } = config
    const pageRoutes = page ? createPageRoutes(page, keys.length > 0, engine) : undefined
    const app = createApp(services, uploads, pageRoutes, onError)
    // Without publicUrl, the addresses of results are known only after listen.
    if (config.publicUrl) services.queue.start()
    closers.add(listener.stop)
    return {
      app,
      fetch: request => app.fetch(request),
      async listen({ port = 3000, host = '127.0.0.1' } = {}) {
        publicUrl.setDefault(await listenAt(listener, app, config, { port, host }))
        services.queue.start()
        return publicUrl.read()
      },
      close: closers.close,
      [Symbol.asyncDispose]: closers.close,
    }
  } catch (error) {
    await closers.close().catch(onError)
    throw explainRefusal(removeCommands(error))
  }
}

/** Hosts that a client of this machine calls as localhost. No client can call the addresses of all networks. */
const LOCAL_HOSTS = new Set(['127.0.0.1', '0.0.0.0', '::', ''])

/**
 * @returns the address with the requested host and the actual port. 127.0.0.1 and all networks are `localhost`: clients such as the
 *   AI SDK refuse to fetch results from IP addresses.
 */
async function listenAt(
  listener: Listener,
  app: Hono,
  { keys, logger }: ResolvedServerConfig,
  at: { port: number; host: string },
): Promise<string> {
  const { address, port } = await listener.listen(app.fetch, at)
  const { host } = at
  if (keys.length === 0 && !isLoopback(address)) logger.warn({ host }, NO_KEYS_WARNING)
  if (LOCAL_HOSTS.has(host)) return `http://localhost:${port}`
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
