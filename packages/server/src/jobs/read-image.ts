import { decodeDataUri } from '@nobg/core/internal'
import { detailOf, InputError } from '../fal/details.ts'
import type { Addresses } from '../files/addresses.ts'
import type { TokenFileStore } from '../files/token-file-store.ts'
import type { FetchPublic } from '../net/fetch-public.ts'
import { FetchRefusal } from '../net/fetch-refusal.ts'
import type { RunContext } from '../requests/request.ts'

/** Creates a function that reads the image of an input: a data URI, a file of this server, or a public address. */
export function createImageReader(
  fileStore: TokenFileStore,
  addresses: Addresses,
  fetchPublic: FetchPublic,
  maxBytes: number,
) {
  return async (address: string, { signal, yieldSlot = call }: RunContext): Promise<Uint8Array> => {
    if (/^data:/i.test(address)) return readDataUri(address, maxBytes)
    const token = addresses.readToken(address)
    if (token) {
      if (((await fileStore.measure(token)) ?? 0) > maxBytes) throw tooLarge(maxBytes)
      const file = await fileStore.get(token)
      if (!file) throw imageError('file_download_error', 'The file has expired or was never uploaded.')
      return file.bytes
    }
    try {
      return await yieldSlot(() => fetchPublic(address, { signal, maxBytes }))
    } catch (error) {
      if (error instanceof FetchRefusal) throw imageError(error.type, error.message, error.context)
      throw error
    }
  }
}

const call = <Value>(job: () => Promise<Value>) => job()

function readDataUri(uri: string, maxBytes: number): Uint8Array {
  // Four characters of base64 are three bytes.
  if (uri.length > maxBytes * (4 / 3) + 1000) throw tooLarge(maxBytes)
  const bytes = decodeBase64(uri) ?? decodeAny(uri)
  if (bytes.byteLength > maxBytes) throw tooLarge(maxBytes)
  return bytes
}

/** Decodes plain base64, the usual form, without a check of each character; returns undefined for any other data URI. */
function decodeBase64(uri: string): Uint8Array | undefined {
  const start = uri.indexOf(',') + 1
  const isPlain = uri.slice(0, start).endsWith(';base64,') && !/[%#]/.test(uri)
  return isPlain ? Buffer.from(uri.slice(start), 'base64') : undefined
}

/** Not Node's fetch, which blocks the event loop for seconds if a data URI of 60 MB has white space or a long type. */
function decodeAny(uri: string): Uint8Array {
  try {
    const [address] = uri.split('#', 1)
    return decodeDataUri(address, { maxBytes: Infinity })
  } catch {
    throw imageError('image_load_error', 'The data URI cannot be read.')
  }
}

function tooLarge(maxBytes: number): InputError {
  return imageError('file_too_large', `The image has more than ${maxBytes} bytes.`, { max_size: maxBytes })
}

function imageError(type: string, msg: string, context?: Record<string, unknown>): InputError {
  return new InputError(detailOf('image_url', type, msg, context))
}
