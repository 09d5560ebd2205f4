/** fal's services, by the hosts that its clients address. */
export type Service = 'run' | 'queue' | 'rest'

const services = new Map<string, Service>([
  ['fal.run', 'run'],
  ['queue.fal.run', 'queue'],
  ['rest.fal.ai', 'rest'],
  ['rest.alpha.fal.ai', 'rest'],
])

/** A request's destination: the service, and the path with its query there. */
export interface Target {
  service: Service
  path: string
}

/**
 * Reads the address that a client meant, out of `x-fal-target-url`.
 *
 * @returns undefined for anything but an https address of exactly one of fal's hosts, without port and user.
 */
export function parseTarget(address: string | undefined): Target | undefined {
  const url = URL.parse(address ?? '')
  // A look-alike in other letters, a port, a user: what the parser had to change or take off is refused.
  if (!url || !address?.startsWith(`https://${url.hostname}/`)) return undefined
  const service = services.get(url.hostname)
  return service && { service, path: url.pathname + url.search }
}

/** The same for a request without that header: from the first segment of its path, or from its `Host`. */
export function findTarget(url: URL, host: string | undefined): Target | undefined {
  const [, first = ''] = url.pathname.split('/', 2)
  const named = services.get(first)
  if (named) return { service: named, path: `${url.pathname.slice(first.length + 1) || '/'}${url.search}` }
  const service = services.get(host?.toLowerCase() ?? '')
  return service && { service, path: url.pathname + url.search }
}
