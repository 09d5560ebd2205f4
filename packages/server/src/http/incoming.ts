import type { IncomingMessage } from 'node:http'
import type { Context, MiddlewareHandler } from 'hono'

/** The body of a request on its way to this server. */
export interface Arrival {
  /** @returns bytes of the connection so far */
  countBytes(): number
  isComplete(): boolean
  /** Closes the connection. */
  drop(): void
}

/** @returns Node's request; undefined if the server is part of an app that is no server of Node */
function readIncoming({ env }: Context): IncomingMessage | undefined {
  return (env as { incoming?: IncomingMessage } | undefined)?.incoming
}

export function readArrival(context: Context): Arrival | undefined {
  const incoming = readIncoming(context)
  if (!incoming?.socket) return undefined
  const { socket } = incoming
  const before = socket.bytesRead
  return {
    countBytes: () => socket.bytesRead - before,
    isComplete: () => incoming.complete,
    drop: () => void socket.destroy(),
  }
}

/**
 * Announces the end of the connection in an answer to a body that has not arrived: the adapter closes the connection soon, and the
 * client would lose its next request.
 */
export const closeIfUnread: MiddlewareHandler = async (context, next) => {
  await next()
  const { headers, complete = true } = readIncoming(context) ?? {}
  const hasBody = headers?.['transfer-encoding'] !== undefined || Number(headers?.['content-length']) > 0
  if (hasBody && !complete) context.header('connection', 'close')
}
