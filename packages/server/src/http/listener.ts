import { serve } from '@hono/node-server'

type Fetch = (request: Request) => Response | Promise<Response>

/** The server's own port, where it has one. */
export interface Listener {
  /** @returns the address in digits, and the port @throws where the port is taken */
  listen(fetch: Fetch, at: { port: number; host: string }): Promise<{ address: string; port: number }>
  /** Takes no connection any more. */
  stop(): void
  /** Resolves when all have had their last answers; who does not take it is hung up on after a while. */
  hangUp(): Promise<void>
}

const goodbyeMs = 5000
const POLL_MS = 20

export function createListener(): Listener {
  let server: ReturnType<typeof serve> | undefined
  let closed = Promise.resolve()
  return {
    listen: (fetch, { port, host }) =>
      new Promise((resolve, reject) => {
        server = serve({ fetch, port, hostname: host }, resolve)
        server.once('error', reject)
      }),
    stop() {
      closed = new Promise<void>(resolve => (server ? server.close(() => resolve()) : resolve()))
    },
    async hangUp() {
      if (!server || !('closeIdleConnections' in server)) return
      const { closeIdleConnections, closeAllConnections } = server
      const idle = setInterval(() => closeIdleConnections.call(server), POLL_MS)
      const all = setTimeout(() => closeAllConnections.call(server), goodbyeMs)
      await closed
      clearInterval(idle)
      clearTimeout(all)
    },
  }
}
