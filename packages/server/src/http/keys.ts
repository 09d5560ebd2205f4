import { createHash, timingSafeEqual } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'

/** Lets in who shows one of the keys as `Authorization: Key …`; everyone where there are none. */
export function requireKey(keys: readonly string[]): MiddlewareHandler {
  const digests = keys.map(digest)
  return async (context, next) => {
    if (digests.length > 0) {
      const [, shown] = /^Key (.+)$/.exec(context.req.header('authorization') ?? '') ?? []
      // Digests have one length, and all of them are compared: the time it takes tells nothing.
      const known = digests.filter(own => timingSafeEqual(own, digest(shown ?? '')))
      if (shown === undefined || known.length === 0)
        return context.json({ detail: 'Expected a valid key: Authorization: Key <key>.' }, 401)
    }
    await next()
  }
}

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}
