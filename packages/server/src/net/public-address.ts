import type { LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'
import { FetchRefusal } from './fetch-refusal.ts'

/** The IPv6 addresses that are routed on the internet. Other ranges can embed any IPv4 address, also a private one. */
const GLOBAL_V6 = ipaddr.parseCIDR('2000::/3')

/** Services of a cloud for its own machines at addresses that look public: Azure's DNS, DHCP and host agent. */
const CLOUD_INTERNAL = new Set(['168.63.129.16'])

/** Whether an IP address is public. An IPv4 address that is mapped to IPv6 is judged as IPv4. */
export function isPublicAddress(address: string): boolean {
  const parsed = ipaddr.process(address)
  if (CLOUD_INTERNAL.has(parsed.toString())) return false
  return parsed.range() === 'unicast' && (parsed.kind() === 'ipv4' || parsed.match(GLOBAL_V6))
}

/** Whether only this machine can reach an IP address. */
export function isLoopback(address: string): boolean {
  return ipaddr.process(address).range() === 'loopback'
}

/** @throws {FetchRefusal} if the host of a URL is a private IP address, for which no lookup is made */
export function refusePrivateLiteral({ hostname }: URL): void {
  const literal = hostname.replace(/^\[|\]$/g, '')
  if (ipaddr.isValid(literal) && !isPublicAddress(literal)) throw refusePrivate(hostname)
}

/**
 * Wraps a lookup; the result fails if one of the addresses of a name is not public. A name that does not exist fails in the same
 * way: otherwise a client could find out which names exist in a private network.
 */
export function guardLookup(lookup: LookupFunction): LookupFunction {
  return (name, options, done) =>
    lookup(name, { ...options, all: true }, (error, found) => {
      const addresses = Array.isArray(found) ? found : []
      if (error || addresses.length === 0 || !addresses.every(({ address }) => isPublicAddress(address)))
        return done(refusePrivate(name), [])
      if (options.all) return done(null, addresses)
      done(null, addresses[0].address, addresses[0].family)
    })
}

function refusePrivate(name: string): FetchRefusal {
  return new FetchRefusal(`${name} is not on the public internet.`)
}
