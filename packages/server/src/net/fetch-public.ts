import { lookup } from 'node:dns'
import ipaddr from 'ipaddr.js'
import { Agent, fetch, type Response } from 'undici'

/** Why an address was not fetched. */
export class FetchRefusal extends Error {
  override readonly name = 'FetchRefusal'
  /** fal's word for it. */
  readonly type: 'file_download_error' | 'file_too_large'
  readonly context?: Record<string, unknown>

  constructor(
    message: string,
    type: FetchRefusal['type'] = 'file_download_error',
    context?: Record<string, unknown>,
  ) {
    super(message)
    this.type = type
    this.context = context
  }
}

interface FetchSettings {
  signal: AbortSignal
  /** Of the answer's body. */
  maxBytes: number
}

/**
 * Fetches what is public on the web: uint8, [byteLength].
 *
 * @throws {FetchRefusal}
 */
export type FetchPublic = (address: string, settings: FetchSettings) => Promise<Uint8Array>

/** What a request to the outside may cost. */
const maxRedirects = 5
const silenceMs = 15_000
const wholeMs = 60_000

/**
 * Makes a fetch that leads nowhere but to public addresses, whatever a name resolves to at the moment of the connection,
 * and after each redirect: to no private network, no loopback, no link-local address, where a cloud keeps its secrets.
 *
 * @param allowedHosts names, or addresses, with or without a port, that may be private.
 */
export function createFetchPublic(allowedHosts: readonly string[]): {
  fetchPublic: FetchPublic
  dispatcherOf: (url: URL) => Agent
} {
  const timeouts = { headersTimeout: silenceMs, bodyTimeout: silenceMs, maxResponseSize: -1 }
  const open = new Agent(timeouts)
  const guarded = new Agent({ ...timeouts, connect: { lookup: lookupPublic, timeout: silenceMs } })
  const dispatcherOf = (url: URL): Agent => {
    if (allowedHosts.includes(url.host) || allowedHosts.includes(url.hostname)) return open
    // An address in digits is connected to without a lookup.
    const literal = url.hostname.replace(/^\[|\]$/g, '')
    if (ipaddr.isValid(literal) && !isPublic(literal)) throw refusePrivate(url)
    return guarded
  }

  async function follow(address: string, signal: AbortSignal): Promise<Response> {
    let url = parseAddress(address)
    for (let redirects = 0; redirects <= maxRedirects; redirects++) {
      const response = await fetch(url, {
        dispatcher: dispatcherOf(url),
        redirect: 'manual',
        signal,
        headers: { accept: 'image/*,*/*;q=0.8', 'user-agent': 'nobg' },
      })
      const location = response.headers.get('location')
      if (response.status < 300 || response.status > 399 || !location) return response
      await response.body?.cancel()
      url = parseAddress(new URL(location, url).href)
    }
    throw new FetchRefusal(`The address redirects more than ${maxRedirects} times.`)
  }

  const fetchPublic: FetchPublic = async (address, { signal, maxBytes }) => {
    const ends = AbortSignal.any([signal, AbortSignal.timeout(wholeMs)])
    try {
      const response = await follow(address, ends)
      if (!response.ok) throw new FetchRefusal(`The address answers ${response.status}.`)
      return await readBody(response, maxBytes)
    } catch (error) {
      if (signal.aborted || error instanceof FetchRefusal) throw error
      throw (
        findRefusal(error) ??
        new FetchRefusal(
          `The address cannot be fetched: ${ends.aborted ? 'it took too long' : tellCause(error)}.`,
        )
      )
    }
  }
  return { fetchPublic, dispatcherOf }
}

function parseAddress(address: string): URL {
  const url = URL.parse(address)
  if (!url || !/^https?:$/.test(url.protocol))
    throw new FetchRefusal('Expected an http or https address, or a data URI.')
  return url
}

/** Node's lookup, which fails where one of the addresses of a name is not public. */
const lookupPublic: typeof lookup = ((
  name: string,
  options: object,
  done: (error: Error | null, ...found: unknown[]) => void,
) => {
  lookup(name, { ...options, all: true }, (error, found) => {
    if (error) return done(error)
    if (!found.every(({ address }) => isPublic(address))) return done(refusePrivate({ hostname: name }))
    if ((options as { all?: boolean }).all) return done(null, found)
    done(null, found[0].address, found[0].family)
  })
}) as typeof lookup

/** Whether an IP address is one of the open internet; IPv4 in IPv6's clothes is looked at without them. */
function isPublic(address: string): boolean {
  return ipaddr.process(address).range() === 'unicast'
}

function refusePrivate({ hostname }: { hostname: string }): FetchRefusal {
  return new FetchRefusal(`${hostname} is not on the public internet.`)
}

async function readBody(response: Response, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = () =>
    new FetchRefusal(`The file has more than ${maxBytes} bytes.`, 'file_too_large', { max_size: maxBytes })
  if (Number(response.headers.get('content-length')) > maxBytes) {
    await response.body?.cancel()
    throw tooLarge()
  }
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength
    if (length > maxBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}

/** undici wraps what its lookup threw. */
function findRefusal(error: unknown): FetchRefusal | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof FetchRefusal) return cause
  return undefined
}

/** The cause in a word: `ENOTFOUND`, `ECONNREFUSED`. */
function tellCause(error: unknown): string {
  const { cause, message } = error as Error
  return (cause as NodeJS.ErrnoException)?.code ?? message
}
