import { lookup as lookupByDns } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { Agent, type Dispatcher } from 'undici'
import { FetchRefusal } from './fetch-refusal.ts'
import { guardLookup, refusePrivateLiteral } from './public-address.ts'

/** The way out of this machine: to public addresses, and to hosts that were named. */
export interface Outside {
  /** Reads an address that somebody else wrote. @throws {FetchRefusal} where it leads nowhere public, or is no plain http(s) address */
  parse(address: string): URL
  /** What a request to a parsed address goes through; the address of a name is looked at when the connection is made. */
  dispatcherOf(url: URL): Dispatcher
  close(): Promise<void>
}

interface OutsideSettings {
  /** Names or addresses that may be private; with a port, at that port alone. */
  allowHosts: readonly string[]
  /** How long a connection, an answer's head, or any part of its body may be waited for. Default: 15,000 */
  silenceMs?: number
  /** What finds the addresses of a name. Default: Node's. */
  lookup?: LookupFunction
}

const defaultPorts: Record<string, string> = { 'http:': '80', 'https:': '443' }

export function createOutside({
  allowHosts,
  silenceMs = 15_000,
  lookup = lookupByDns as LookupFunction,
}: OutsideSettings): Outside {
  const allowed = new Set(allowHosts.map(host => host.toLowerCase()))
  const timeouts = { headersTimeout: silenceMs, bodyTimeout: silenceMs }
  const open = new Agent({ ...timeouts, connect: { lookup, timeout: silenceMs } })
  const guarded = new Agent({ ...timeouts, connect: { lookup: guardLookup(lookup), timeout: silenceMs } })
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
    dispatcherOf: url => (isAllowed(url) ? open : guarded),
    async close() {
      await Promise.all([open.destroy(), guarded.destroy()])
    },
  }
}
