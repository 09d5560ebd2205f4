import { serve } from '@hono/node-server'

type Fetch = (request: Request) => Response | Promise<Response>

/** The HTTP server of a port; does nothing if the server is part of another app. */
export interface Listener {
  /** @returns IP address and port @throws if the port is taken */
  listen(fetch: Fetch, at: { port: number; host: string }): Promise<{ address: string; port: number }>
  /** Takes no more connections. */
  stop(): void
  /** Resolves when all answers are sent. Closes connections that are still open after five seconds. */
  hangUp(): Promise<void>
}

/**
 * Time after which the server closes a connection without requests. A request that is sent in that moment fails, so the time is
 * longer than that of load balancers (usually 60 s). Node's default is 5 s.
 */
const KEEP_ALIVE_MS = 65_000
const MAX_WAIT_MS = 5000
const POLL_MS = 20

export function createListener(): Listener {
  let server: ReturnType<typeof serve> | undefined
  let closed = Promise.resolve()
  return {
    listen: (fetch, { port, host }) =>
      new Promise((resolve, reject) => {
        const serverOptions = { keepAliveTimeout: KEEP_ALIVE_MS }
        server = serve({ fetch, port, hostname: host, serverOptions }, resolve)
        server.once('error', reject)
      }),
    stop() {
      closed = new Promise<void>(resolve => (server ? server.close(() => resolve()) : resolve()))
    },
    async hangUp() {
      if (!server || !('closeIdleConnections' in server)) return
      const { closeIdleConnections, closeAllConnections } = server
      const idle = setInterval(() => closeIdleConnections.call(server), POLL_MS)
      const all = setTimeout(() => closeAllConnections.call(server), MAX_WAIT_MS)
      await closed
      clearInterval(idle)
      clearTimeout(all)
    },
  }
}
