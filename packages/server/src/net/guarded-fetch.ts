import { lookup as lookupByDns } from 'node:dns'
import type { LookupFunction } from 'node:net'
import type { Agent, RequestInit, Response } from 'undici'
import { FetchRefusal } from './fetch-refusal.ts'
import { guardLookup, refusePrivateLiteral } from './public-address.ts'

/** The way out of this machine: to public addresses, and to hosts that were named. */
export interface GuardedFetch {
  /** Reads an address that somebody else wrote. @throws {FetchRefusal} where it leads nowhere public, or is no plain http(s) address */
  parse(address: string): URL
  /** As undici's, to a parsed address; what its name resolves to is looked at when the connection is made. */
  fetch(url: URL, init: Omit<RequestInit, 'dispatcher'>): Promise<Response>
  close(): Promise<void>
}

interface GuardedFetchSettings {
  /** Names or addresses that may be private; with a port, at that port alone. */
  allowHosts: readonly string[]
  /** How long a connection, an answer's head, or any part of its body may be waited for. Default: 15,000 */
  silenceMs?: number
  /** What finds the addresses of a name. Default: Node's. */
  lookup?: LookupFunction
}

const defaultPorts: Record<string, string> = { 'http:': '80', 'https:': '443' }

export function createGuardedFetch({
  allowHosts,
  silenceMs = 15_000,
  lookup = lookupByDns as LookupFunction,
}: GuardedFetchSettings): GuardedFetch {
  const allowed = new Set(allowHosts.map(host => host.toLowerCase()))
  let ways: ReturnType<typeof openWays> | undefined
  const isAllowed = ({ hostname, port, protocol }: URL) => {
    const bare = hostname.replace(/^\[|\]$/g, '')
    return [hostname, bare, `${hostname}:${port || defaultPorts[protocol]}`].some(host => allowed.has(host))
  }

  return {
    parse(address) {
      const url = URL.parse(address)
      if (!url || !/^https?:$/.test(url.protocol))
        throw new FetchRefusal('Expected an http or https address, or a data URI.')
      if (url.username || url.password) throw new FetchRefusal('Expected an address without a user.')
      if (!isAllowed(url)) refusePrivateLiteral(url)
      return url
    },
    async fetch(url, init) {
      ways ??= openWays(lookup, silenceMs)
      const { fetch, open, guarded } = await ways
      return fetch(url, { ...init, dispatcher: isAllowed(url) ? open : guarded })
    },
    async close() {
      const { open, guarded } = (await ways) ?? {}
      await Promise.all([open?.destroy(), guarded?.destroy()])
    },
  }
}

/** undici is loaded when something is fetched: a server of uploads and data URIs never does, and it is 6 MB of heap. */
async function openWays(lookup: LookupFunction, silenceMs: number) {
  const { Agent, fetch } = await import('undici')
  const openWay = (found: LookupFunction): Agent =>
    new Agent({
      headersTimeout: silenceMs,
      bodyTimeout: silenceMs,
      connect: { lookup: found, timeout: silenceMs },
    })
  return { fetch, open: openWay(lookup), guarded: openWay(guardLookup(lookup)) }
}
