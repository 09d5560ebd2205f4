import type { Response } from 'undici'
import { FetchRefusal, findRefusal } from './fetch-refusal.ts'
import type { GuardedFetch } from './guarded-fetch.ts'

interface FetchSettings {
  signal: AbortSignal
  /** Limit of the decompressed body. */
  maxBytes: number
}

/**
 * Fetches a public address.
 *
 * @returns the body: uint8, [byteLength]
 * @throws {FetchRefusal}
 */
export type FetchPublic = (address: string, settings: FetchSettings) => Promise<Uint8Array>

const MAX_REDIRECTS = 5

/**
 * Creates a fetch that follows redirects and reaches only public addresses, and the hosts that `guardedFetch` allows.
 *
 * @param wholeMs limit of the whole fetch.
 */
export function createFetchPublic(guardedFetch: GuardedFetch, wholeMs = 60_000): FetchPublic {
  async function follow(address: string, signal: AbortSignal): Promise<Response> {
    let url = guardedFetch.parse(address)
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const response = await guardedFetch.fetch(url, {
        redirect: 'manual',
        signal,
        headers: { accept: 'image/*,*/*;q=0.8', 'user-agent': 'nobg' },
      })
      const location = response.headers.get('location')
      if (response.status < 300 || response.status > 399 || !location) return response
      await response.body?.cancel()
      url = guardedFetch.parse(URL.parse(location, url.href)?.href ?? '')
    }
    throw new FetchRefusal(`The URL redirects more than ${MAX_REDIRECTS} times.`)
  }

  return async (address, { signal, maxBytes }) => {
    const ends = AbortSignal.any([signal, AbortSignal.timeout(wholeMs)])
    try {
      const response = await follow(address, ends)
      if (response.ok) return await readBody(response, maxBytes)
      await response.body?.cancel()
      throw new FetchRefusal(`The URL answers with status ${response.status}.`)
    } catch (error) {
      if (signal.aborted) throw error
      const reason = ends.aborted ? 'it took too long' : nameCause(error)
      throw findRefusal(error) ?? new FetchRefusal(`The URL cannot be fetched: ${reason}.`)
    }
  }
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

/** @returns a short cause: `ENOTFOUND`, `ECONNREFUSED`, `bad port` */
function nameCause(error: unknown): string {
  const { cause, message } = error as Error
  const { code, message: reason } = (cause ?? {}) as NodeJS.ErrnoException
  return code ?? reason ?? message
}
