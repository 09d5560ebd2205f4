import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'

/**
 * Refuses bodies of more than `maxSize` bytes. Hono's middleware reads the stream even if a length is announced, which Node's
 * parser enforces; the adapter then allocates half as much memory again.
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
