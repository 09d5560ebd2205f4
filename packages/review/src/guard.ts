import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { TOKEN_HEADER } from './protocol.ts'

/** Decides which requests are answered. */
export interface Guard {
  /** Secret of the page. Every request that changes something carries it. */
  readonly token: string
  /** Returns why a request is refused; `undefined` if it is answered. */
  refuse(request: Request): string | undefined
}

/** Names of this machine. A name that an attacker resolves to this machine is none of them. */
const LOCAL_HOSTS = ['localhost', '127.0.0.1', '[::1]']

/**
 * Creates the guard of one review. It refuses requests with another `Host` (DNS rebinding), and requests that change something
 * unless the page itself sent them.
 *
 * @param allowedHosts more host names; a name with a leading dot allows its subdomains.
 */
export function createGuard(allowedHosts: readonly string[] = []): Guard {
  const token = randomBytes(32).toString('base64url')
  const hosts = [...LOCAL_HOSTS, ...allowedHosts.map(host => host.toLowerCase())]

  function refuse(request: Request): string | undefined {
    const url = new URL(request.url)
    if (!hosts.some(host => matches(url.hostname, host))) {
      return `Expected the host localhost, got ${url.hostname}. Open the page at localhost, or allow the host in the dev server.`
    }
    if (['GET', 'HEAD'].includes(request.method)) return refuseEmbedding(request, url)
    if (URL.parse(request.headers.get('origin') ?? '')?.host !== url.host) {
      return 'Expected a request of the review page, got a request of another origin.'
    }
    if (!isEqual(request.headers.get(TOKEN_HEADER) ?? '', token)) {
      return 'Expected the token of the review page, got another token or none. The server was probably restarted: reload the page.'
    }
    return undefined
  }
  return { token, refuse }
}

/** Other sites may link to the page, but neither embed pictures nor read them. */
function refuseEmbedding(request: Request, url: URL): string | undefined {
  const site = request.headers.get('sec-fetch-site') ?? 'none'
  const isOwn = site === 'same-origin' || site === 'none'
  const isPage = url.pathname.endsWith('/') && request.headers.get('sec-fetch-mode') === 'navigate'
  return isOwn || isPage ? undefined : 'Expected a request of the review page, got a request of another site.'
}

function matches(hostname: string, host: string): boolean {
  return host.startsWith('.') ? hostname === host.slice(1) || hostname.endsWith(host) : hostname === host
}

/** Compares in a time that does not depend on the texts. */
function isEqual(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}
