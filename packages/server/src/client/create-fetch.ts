/** The hosts that fal's clients call. */
const HOSTS = new Set(['fal.run', 'queue.fal.run', 'rest.fal.ai', 'rest.alpha.fal.ai'])

/** Whether a host name is fal's. */
export function isFalHost(name: string): boolean {
  return HOSTS.has(name.toLowerCase().replace(/\.$/, ''))
}

/**
 * Creates a `fetch` for fal's client that sends requests for fal's hosts to a nobg server:
 * `https://queue.fal.run/fal-ai/birefnet` becomes `<url>/queue.fal.run/fal-ai/birefnet`. Other requests are unchanged.
 *
 * ```ts
 * const fal = createFalClient({ fetch: createFetch('http://127.0.0.1:3000') })
 * ```
 *
 * @param url of the server.
 * @param send the `fetch` that is called. Default: the current global `fetch`.
 * @throws {TypeError} if `url` is not an http or https address. Not a NobgError: a program that only calls a server must
 *   not load the engine.
 */
export function createFetch(url: string | URL, send: typeof fetch = globalThis.fetch): typeof fetch {
  const redirect = createRedirect(url)
  return async (input, init) => {
    const local = redirect(input instanceof Request ? input.url : String(input))
    if (!local) return send(input, init)
    // A Request carries method, headers, body and signal, as an init does.
    return send(input instanceof Request ? new Request(local, input) : local, init)
  }
}

function readServer(address: string): string {
  if (/^https?:$/.test(URL.parse(address)?.protocol ?? '')) return address.replace(/(?<!\/)\/+$/, '')
  throw new TypeError(
    `Expected the URL of the server, such as http://127.0.0.1:3000, got "${address.slice(0, 200)}".`,
  )
}

/**
 * Creates a function that returns the address of a request on the server; undefined for an address that is not fal's.
 *
 * @throws {TypeError} if `url` is not an http or https address
 */
export function createRedirect(url: string | URL): (address: string) => string | undefined {
  const server = readServer(String(url))
  return address => {
    const target = URL.parse(address)
    if (target?.protocol !== 'https:' || !HOSTS.has(target.host)) return undefined
    return `${server}/${target.host}${target.pathname}${target.search}`
  }
}
