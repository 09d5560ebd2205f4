import http, { type ClientRequest, type IncomingMessage } from 'node:http'
import https, { type RequestOptions } from 'node:https'
import { syncBuiltinESMExports } from 'node:module'
import { urlToHttpOptions } from 'node:url'

type OnResponse = (response: IncomingMessage) => void

/**
 * Redirects `https.request` and `https.get`, which axios, got and node-fetch call instead of `fetch`.
 *
 * @param redirect returns the address of a request on the nobg server; undefined for an address that is not fal's
 */
export function redirectHttps(redirect: (address: string) => string | undefined): void {
  const send = { request: https.request, get: https.get }
  for (const name of ['request', 'get'] as const) {
    const redirected = (...words: unknown[]): ClientRequest => {
      const { options, onResponse } = readArguments(words)
      const local = redirect(addressOf(options))
      if (!local) return (send[name] as (...words: unknown[]) => ClientRequest).apply(https, words)
      const to = urlToHttpOptions(new URL(local))
      const request = to.protocol === 'https:' ? send.request : http.request
      const sent = request({ ...withoutConnection(options), ...to }, onResponse)
      if (name === 'get') sent.end()
      return sent
    }
    https[name] = redirected as (typeof https)[typeof name]
  }
  // For programs that import the functions by name.
  syncBuiltinESMExports()
}

/** The arguments are (url, options?, callback?) or (options, callback?). */
function readArguments(words: unknown[]): { options: RequestOptions; onResponse?: OnResponse } {
  const onResponse = words.find(word => typeof word === 'function') as OnResponse | undefined
  const [first, second] = words
  const options = typeof second === 'object' && second !== null ? (second as RequestOptions) : {}
  if (typeof first === 'string') return { options: { ...readUrl(first), ...options }, onResponse }
  if (first instanceof URL) return { options: { ...urlToHttpOptions(first), ...options }, onResponse }
  return { options: (first ?? {}) as RequestOptions, onResponse }
}

/** An address that cannot be parsed is refused by `https.request` itself. */
function readUrl(text: string): RequestOptions {
  const url = URL.parse(text)
  return url ? urlToHttpOptions(url) : {}
}

function addressOf({ protocol, hostname, host, port, path }: RequestOptions): string {
  const name = hostname ?? host ?? 'localhost'
  return `${protocol ?? 'https:'}//${name}${port ? `:${port}` : ''}${path ?? '/'}`
}

/** What belongs to the connection with fal's host: its agent, proxy, TLS and `Host`. */
function withoutConnection(options: RequestOptions): RequestOptions {
  const { agent, host, port, servername, socketPath, lookup, createConnection, auth, headers, ...others } =
    options
  if (headers === undefined || Array.isArray(headers)) return { ...others, headers }
  const kept = Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'host')
  return { ...others, headers: Object.fromEntries(kept) }
}
