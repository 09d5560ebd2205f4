import type { Dispatcher, RequestInit, Response } from 'undici'

/** Fetches by way of the proxy that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name. */
export interface HttpClient {
  /** As the standard's `fetch`; a signal that fires ends all connections of this client. */
  fetch(url: URL | string, init?: ClientInit): Promise<Response>
  /** Ends all connections. */
  close(): Promise<void>
}

type ClientInit = Pick<RequestInit, 'method' | 'headers' | 'body'> & { signal?: AbortSignal }

/** A variable of the environment names a proxy by an address that is none. */
class ProxyAddressError extends Error {
  override readonly name = 'ProxyAddressError'
}

/**
 * Opens the client that all of core's requests go through. Not Node's own fetch, which heeds no proxy before Node 24.
 *
 * @param timeoutMs longest silence of a server, before and within its answer; 0 for ever
 * @throws {ProxyAddressError}
 */
export async function openHttpClient(timeoutMs: number): Promise<HttpClient> {
  // Loaded only where something must be fetched.
  const { EnvHttpProxyAgent, fetch } = await import('undici')
  const dispatcher = openDispatcher(
    () => new EnvHttpProxyAgent({ bodyTimeout: timeoutMs, headersTimeout: timeoutMs }),
  )
  const stop = () => void dispatcher.destroy()
  const signals = new Set<AbortSignal>()
  return {
    fetch(url, { signal, ...init } = {}) {
      // Not given to undici, which refuses the signals of other realms: those of jsdom or happy-dom.
      if (signal?.aborted) stop()
      else if (signal) signals.add(signal)
      signal?.addEventListener('abort', stop)
      return fetch(String(url), { ...init, dispatcher })
    },
    close() {
      for (const signal of signals) signal.removeEventListener('abort', stop)
      return dispatcher.destroy()
    },
  }
}

function openDispatcher<Opened extends Dispatcher>(open: () => Opened): Opened {
  try {
    return open()
  } catch (cause) {
    throw new ProxyAddressError((cause as Error).message, { cause })
  }
}
