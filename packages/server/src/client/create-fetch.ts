/** The hosts that fal's clients address. */
const hosts = new Set(['fal.run', 'queue.fal.run', 'rest.fal.ai', 'rest.alpha.fal.ai'])

/**
 * Makes a `fetch` for fal's client whose requests to fal's hosts go to a server of ours instead:
 * `https://queue.fal.run/fal-ai/birefnet` becomes `<url>/queue.fal.run/fal-ai/birefnet`. All others go where they say.
 *
 * ```ts
 * const fal = createFalClient({ fetch: createFetch('http://127.0.0.1:3000') })
 * ```
 *
 * @param url of the server.
 * @param send what does the fetching. Default: the global `fetch` of now.
 * @throws {TypeError} where `url` is not an http or https address. No NobgError: what replaces `fetch` in somebody
 *   else's program must not load an engine there.
 */
export function createFetch(url: string | URL, send: typeof fetch = globalThis.fetch): typeof fetch {
  const server = readServer(String(url))
  return async (input, init) => {
    const local = redirect(input instanceof Request ? input.url : String(input), server)
    if (!local) return send(input, init)
    // A Request has all that an init has: method, headers, body, signal.
    return send(input instanceof Request ? new Request(local, input) : local, init)
  }
}

function readServer(address: string): string {
  if (/^https?:$/.test(URL.parse(address)?.protocol ?? '')) return address.replace(/(?<!\/)\/+$/, '')
  throw new TypeError(
    `Expected the server's address, such as http://127.0.0.1:3000, got ${address.slice(0, 200)}.`,
  )
}

/** @returns undefined for what is not fal's */
function redirect(address: string, server: string): string | undefined {
  const target = URL.parse(address)
  if (target?.protocol !== 'https:' || !hosts.has(target.host)) return undefined
  return `${server}/${target.host}${target.pathname}${target.search}`
}
