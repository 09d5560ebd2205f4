import type { MiddlewareHandler } from 'hono'
import ipaddr from 'ipaddr.js'

/**
 * Refuses what pages of other origins send, where no key keeps them out: a browser posts for any page, asks nobody before
 * a simple request, and says in `Origin` who it was.
 *
 * @param publicUrl of the server, whose own pages may call.
 */
export function refuseForeignPages(
  allowOrigins: readonly string[],
  publicUrl: string | undefined,
): MiddlewareHandler {
  const allowed = new Set(allowOrigins)
  if (publicUrl) allowed.add(new URL(publicUrl).origin)
  return async (context, next) => {
    const origin = context.req.header('origin')
    if (origin === undefined || allowed.has(origin) || isOwnPage(origin, new URL(context.req.url).host))
      return next()
    return context.json({ detail: 'Pages of this origin may not call this server: see allowOrigins.' }, 403)
  }
}

/** A page of ours at an address in digits, or at localhost. Any other name in `Host` may be an attacker's, resolved to here. */
function isOwnPage(origin: string, host: string): boolean {
  const url = URL.parse(origin)
  if (url?.host !== host) return false
  return url.hostname === 'localhost' || ipaddr.isValid(url.hostname.replace(/^\[|\]$/g, ''))
}
