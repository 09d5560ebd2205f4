import { syncBuiltinESMExports } from 'node:module'
import type { Socket } from 'node:net'
import tls from 'node:tls'
import { isFalHost } from './create-fetch.ts'

/**
 * Refuses TLS connections to fal's hosts: a request that was not redirected, of undici or HTTP/2, would send its picture and its
 * key to fal.
 */
export function refuseTls(): void {
  const connect = tls.connect as (...words: unknown[]) => tls.TLSSocket
  tls.connect = ((...words: unknown[]) => {
    const host = words.flatMap(listHosts).find(isFalHost)
    if (host === undefined) return connect(...words)
    // The tunnel through a proxy. Its owner gets no connection that could be closed.
    for (const word of words) (word as { socket?: Socket } | undefined)?.socket?.destroy()
    throw new Error(
      `@nobg/server/fal cannot redirect this connection to ${host}, and refuses it. Expected a request by fetch or node:https: use one of them, or call the nobg server itself.`,
    )
  }) as typeof tls.connect
  // For programs that import the function by name.
  syncBuiltinESMExports()
}

/** The hosts that an argument names: (options), (port, host, options). */
function listHosts(word: unknown): string[] {
  if (typeof word === 'string') return [word]
  const { servername, host, hostname } = (word ?? {}) as Record<string, unknown>
  return [servername, host, hostname].filter(value => typeof value === 'string')
}
