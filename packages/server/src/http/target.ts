/** fal's services, one per host. */
export type Service = 'run' | 'queue' | 'rest' | 'cdn'

const services = new Map<string, Service>([
  ['fal.run', 'run'],
  ['queue.fal.run', 'queue'],
  ['rest.fal.ai', 'rest'],
  ['rest.alpha.fal.ai', 'rest'],
  // fal's Python client uploads there, whatever address it gets with its token.
  ['v3.fal.media', 'cdn'],
])

/** Service, path and query of a request. */
export interface RequestTarget {
  service: Service
  path: string
}

/**
 * Parses `x-fal-target-url`, the address that a client would call at fal.
 *
 * @returns undefined for anything but an https address of exactly one of fal's hosts, without port and user.
 */
export function parseTarget(address: string | undefined): RequestTarget | undefined {
  const url = URL.parse(address ?? '')
  // Refuses whatever the parser changes or removes: other characters for a host, a port, a user.
  if (!url || !address?.startsWith(`https://${url.hostname}/`)) return undefined
  const service = services.get(url.hostname)
  return service && { service, path: url.pathname + url.search }
}

/** Finds the target of a request without that header, by the first segment of its path or by its `Host`. */
export function findTarget(url: URL, host: string | undefined): RequestTarget | undefined {
  const [, first = ''] = url.pathname.split('/', 2)
  const named = services.get(first)
  if (named) return { service: named, path: `${url.pathname.slice(first.length + 1) || '/'}${url.search}` }
  const service = services.get(host?.toLowerCase() ?? '')
  return service && { service, path: url.pathname + url.search }
}
