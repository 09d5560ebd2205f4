import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'

/**
 * Refuses bodies of more bytes. Hono's own counts what comes, and for that makes a stream of each body, which takes eight
 * times its memory: where a length is announced, Node's parser holds the sender to it.
 */
export function limitBody(maxSize: number, onError: (context: Context) => Response): MiddlewareHandler {
  const count = bodyLimit({ maxSize, onError })
  return (context, next) => {
    const announced = Number(context.req.header('content-length') ?? Number.NaN)
    if (context.req.header('transfer-encoding') !== undefined || Number.isNaN(announced))
      return count(context, next)
    return announced > maxSize ? Promise.resolve(onError(context)) : next()
  }
}
