import type { LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'
import { FetchRefusal } from './fetch-refusal.ts'

/** The part of IPv6 that is routed on the internet. What lies outside can carry any IPv4 address, also a private one. */
const globalV6 = ipaddr.parseCIDR('2000::/3')

/** Whether an IP address is one of the open internet; IPv4 in IPv6's clothes is looked at without them. */
export function isPublicAddress(address: string): boolean {
  const parsed = ipaddr.process(address)
  return parsed.range() === 'unicast' && (parsed.kind() === 'ipv4' || parsed.match(globalV6))
}

/** Whether only this machine reaches an IP address. */
export function isLoopback(address: string): boolean {
  return ipaddr.process(address).range() === 'loopback'
}

/** @throws {FetchRefusal} where a URL names an address in digits that is not public: no lookup would see it */
export function refusePrivateLiteral({ hostname }: URL): void {
  const literal = hostname.replace(/^\[|\]$/g, '')
  if (ipaddr.isValid(literal) && !isPublicAddress(literal)) throw refusePrivate(hostname)
}

/** The same lookup, which fails where one of the addresses of a name is not public. */
export function guardLookup(lookup: LookupFunction): LookupFunction {
  return (name, options, done) =>
    lookup(name, { ...options, all: true }, (error, found) => {
      const addresses = Array.isArray(found) ? found : []
      if (error) return done(error, [])
      if (addresses.length === 0 || !addresses.every(({ address }) => isPublicAddress(address)))
        return done(refusePrivate(name), [])
      if (options.all) return done(null, addresses)
      done(null, addresses[0].address, addresses[0].family)
    })
}

function refusePrivate(name: string): FetchRefusal {
  return new FetchRefusal(`${name} is not on the public internet.`)
}
