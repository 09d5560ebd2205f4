import type { MiddlewareHandler } from 'hono'
import ipaddr from 'ipaddr.js'

/**
 * Refuses requests of web pages of other origins, for a server without keys. Browsers send simple requests for any page
 * without a preflight, with the page's origin in `Origin`.
 *
 * @param publicUrl address of the server; pages of its origin may call.
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
    return context.json(
      { detail: 'Pages of this origin may not call this server: add the origin to allowOrigins.' },
      403,
    )
  }
}

/** Whether a page came from this server, at an IP address or localhost. Any other `Host` may be a name that an attacker resolves to this machine. */
function isOwnPage(origin: string, host: string): boolean {
  const url = URL.parse(origin)
  if (url?.host !== host) return false
  return url.hostname === 'localhost' || ipaddr.isValid(url.hostname.replace(/^\[|\]$/g, ''))
}
