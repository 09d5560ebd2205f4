import type { Dispatcher, RequestInit, Response } from 'undici'

/** Sends requests through the proxy that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name. */
export interface HttpClient {
  /** As the standard `fetch`. A signal that fires ends all connections of this client. */
  fetch(url: URL | string, init?: ClientInit): Promise<Response>
  /** Ends all connections. */
  close(): Promise<void>
}

type ClientInit = Pick<RequestInit, 'method' | 'headers' | 'body'> & { signal?: AbortSignal }

/** The address of the proxy in the environment is not valid. */
class ProxyAddressError extends Error {
  override readonly name = 'ProxyAddressError'
}

/**
 * Opens the client for all requests of core. Node's fetch supports no proxy before Node 24.
 *
 * @param timeoutMs time without data before or within an answer after which a request fails, a proxy's answer to CONNECT
 *   included; 0: no limit
 * @throws {ProxyAddressError}
 */
export async function openHttpClient(timeoutMs: number): Promise<HttpClient> {
  // Loaded only if something must be fetched.
  const { EnvHttpProxyAgent, errors, fetch } = await import('undici')
  const dispatcher = openDispatcher(
    () => new EnvHttpProxyAgent({ bodyTimeout: timeoutMs, headersTimeout: timeoutMs }),
  )
  const stop = () => void dispatcher.destroy()
  const signals = new Set<AbortSignal>()
  return {
    fetch(url, { signal, ...init } = {}) {
      // undici refuses signals of other realms, such as those of jsdom and happy-dom.
      if (signal?.aborted) stop()
      else if (signal) signals.add(signal)
      signal?.addEventListener('abort', stop)
      const answer = fetch(String(url), { ...init, dispatcher })
      // undici bounds neither the answer of a proxy to CONNECT nor a connection to it. A body may take longer to send.
      return init.body === undefined && timeoutMs > 0
        ? within(timeoutMs, answer, () => new errors.HeadersTimeoutError())
        : answer
    },
    close() {
      for (const signal of signals) signal.removeEventListener('abort', stop)
      return dispatcher.destroy()
    },
  }
}

/** The value of a promise, or a failed fetch if it takes longer than `ms`. The request itself ends with its client. */
async function within<Value>(ms: number, promise: Promise<Value>, explain: () => Error): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TypeError('fetch failed', { cause: explain() })), ms)
  })
  // After the timeout nothing waits for the request any more.
  promise.catch(() => {})
  try {
    return await Promise.race([promise, timeout])
  } finally {
    clearTimeout(timer)
  }
}

function openDispatcher<Opened extends Dispatcher>(open: () => Opened): Opened {
  try {
    return open()
  } catch (cause) {
    throw new ProxyAddressError((cause as Error).message, { cause })
  }
}
