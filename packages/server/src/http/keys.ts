import { createHash, timingSafeEqual } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import type { SignedTokens } from './signed-tokens.ts'

/**
 * Refuses requests without one of the keys in `Authorization: Key …`; the case of `Key` does not matter. A status stream may have
 * a token instead. Without keys, every request passes.
 */
export function requireKey(keys: readonly string[], tokens?: SignedTokens): MiddlewareHandler {
  const digests = keys.map(digest)
  const hasToken = ({ req }: Context) =>
    req.method === 'GET' &&
    req.path.endsWith('/status/stream') &&
    (tokens?.isValid(req.query('fal_jwt_token') ?? '') ?? false)
  return async (context, next) => {
    if (digests.length > 0 && !hasToken(context)) {
      const [, shown] = /^key +(\S.*)$/i.exec(context.req.header('authorization') ?? '') ?? []
      // Digests have one length and all are compared, so that the time depends on no key.
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
