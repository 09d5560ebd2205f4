import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'

/**
 * Refuses bodies of more bytes. Hono's own asks each for its stream, also where a length is announced, to which Node's parser holds
 * the sender: the adapter then reads it the long way, with half as much garbage again.
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
