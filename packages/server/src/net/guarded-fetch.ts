import { lookup as lookupByDns } from 'node:dns'
import type { LookupFunction } from 'node:net'
import type { Agent, RequestInit, Response } from 'undici'
import { FetchRefusal } from './fetch-refusal.ts'
import { guardLookup, refusePrivateLiteral } from './public-address.ts'

/** A fetch that reaches only public addresses and allowed hosts. */
export interface GuardedFetch {
  /** Parses an untrusted address. @throws {FetchRefusal} if it names a private IP address, has credentials, or is not http(s) */
  parse(address: string): URL
  /** undici's fetch for a parsed address. The IP addresses of a name are checked in the lookup of the connection itself. */
  fetch(url: URL, init: Omit<RequestInit, 'dispatcher'>): Promise<Response>
  close(): Promise<void>
}

interface GuardedFetchSettings {
  /** Host names or IP addresses that may be private; with a port, only that port. */
  allowHosts: readonly string[]
  /** Timeout of the connection, of the headers, and between parts of the body. Default: 15,000 */
  silenceMs?: number
  /** Resolves a host name. Default: Node's. */
  lookup?: LookupFunction
}

const defaultPorts: Record<string, string> = { 'http:': '80', 'https:': '443' }

export function createGuardedFetch({
  allowHosts,
  silenceMs = 15_000,
  lookup = lookupByDns as LookupFunction,
}: GuardedFetchSettings): GuardedFetch {
  const allowed = new Set(allowHosts.map(host => host.toLowerCase()))
  let agents: ReturnType<typeof openAgents> | undefined
  const isAllowed = ({ hostname, port, protocol }: URL) => {
    const bare = hostname.replace(/^\[|\]$/g, '')
    return [hostname, bare, `${hostname}:${port || defaultPorts[protocol]}`].some(host => allowed.has(host))
  }

  return {
    parse(address) {
      const url = URL.parse(address)
      if (!url || !/^https?:$/.test(url.protocol))
        throw new FetchRefusal('Expected an http or https URL, or a data URI.')
      if (url.username || url.password) throw new FetchRefusal('Expected a URL without a user.')
      if (!isAllowed(url)) refusePrivateLiteral(url)
      return url
    },
    async fetch(url, init) {
      agents ??= openAgents(lookup, silenceMs)
      const { fetch, open, guarded } = await agents
      return fetch(url, { ...init, dispatcher: isAllowed(url) ? open : guarded })
    },
    async close() {
      const { open, guarded } = (await agents) ?? {}
      await Promise.all([open?.destroy(), guarded?.destroy()])
    },
  }
}

/** undici takes 6 MB of heap, so it is loaded with the first fetch: a server of uploads and data URIs needs none. */
async function openAgents(lookup: LookupFunction, silenceMs: number) {
  const { Agent, fetch } = await import('undici')
  const openAgent = (found: LookupFunction): Agent =>
    new Agent({
      headersTimeout: silenceMs,
      bodyTimeout: silenceMs,
      connect: { lookup: found, timeout: silenceMs },
    })
  return { fetch, open: openAgent(lookup), guarded: openAgent(guardLookup(lookup)) }
}
