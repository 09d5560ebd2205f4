import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRequestListener } from '@remix-run/node-fetch-server'
import type { Review } from './create-review.ts'

/** Converts a review to a listener of Node's HTTP servers. */
export function toListener(review: Review): ReturnType<typeof createRequestListener> {
  return createRequestListener(request => review.fetch(request))
}

/** A review at an address of its own. */
export interface ServedReview {
  /** URL of the page. */
  url: string
  /** Stops listening, and ends the connections. */
  close(): Promise<void>
}

/**
 * Serves a review on this machine only.
 *
 * @param port 0 for any free port.
 * @throws {Error} the system's, such as EADDRINUSE
 */
export async function serveReview(review: Review, { port = 0 } = {}): Promise<ServedReview> {
  const server = createServer(toListener(review))
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${review.base}`,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
