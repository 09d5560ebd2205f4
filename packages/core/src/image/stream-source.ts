import { Readable } from 'node:stream'
import { ReadableStream as WebStream } from 'node:stream/web'
import { isUint8Array } from 'node:util/types'
import { abortError, messageOf, NobgError, throwIfAborted } from '../shared/errors.ts'
import { type ReadLimits, refuseSize } from './limits.ts'

/**
 * Reads a stream to its end: uint8, [byteLength]. Destroys or cancels the stream on failure.
 *
 * @throws {NobgError} SOURCE_TOO_LARGE if there are more than `maxBytes` bytes
 * @throws {NobgError} SOURCE_TIMEOUT if no data arrives for `timeoutMs`
 * @throws {NobgError} INVALID_SOURCE if the stream fails, is locked, or yields other values than bytes
 * @throws {NobgError} ABORTED
 */
export async function collectStream(
  stream: ReadableStream<Uint8Array> | NodeJS.ReadableStream,
  subject: string,
  { maxBytes, timeoutMs, signal }: ReadLimits,
): Promise<Uint8Array> {
  const readable = toReadable(stream, subject)
  const stop = () => readable.destroy(signal && abortError(signal))
  const timer =
    timeoutMs > 0 ? setTimeout(() => readable.destroy(silent(subject, timeoutMs)), timeoutMs) : undefined
  signal?.addEventListener('abort', stop)
  try {
    throwIfAborted(signal)
    return await concatenate(readable, subject, maxBytes, () => timer?.refresh())
  } catch (cause) {
    throw cause instanceof NobgError ? cause : broken(subject, cause)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
    readable.destroy()
  }
}

async function concatenate(
  readable: Readable,
  subject: string,
  maxBytes: number,
  onChunk: () => void,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let byteLength = 0
  for await (const chunk of readable) {
    onChunk()
    if (!isUint8Array(chunk)) throw broken(subject, new TypeError(`it yields a ${typeof chunk}`))
    byteLength += chunk.byteLength
    refuseSize(byteLength, maxBytes, `The data from ${subject}`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function toReadable(stream: ReadableStream<Uint8Array> | NodeJS.ReadableStream, subject: string): Readable {
  if (stream instanceof Readable) return stream
  if (!('getReader' in stream)) return Readable.from(stream)
  if (stream.locked) throw broken(subject, new TypeError('it is locked by another reader'))
  // Streams of other classes (a polyfill, a simulated browser) are read by their iterator.
  return stream instanceof WebStream
    ? Readable.fromWeb(stream)
    : Readable.from(stream as AsyncIterable<Uint8Array>)
}

/** Creates the error for a server or stream that sent nothing for `timeoutMs`. */
export function silent(subject: string, timeoutMs: number): NobgError {
  return new NobgError('SOURCE_TIMEOUT', `Expected bytes from ${subject}, got none for ${timeoutMs} ms.`, {
    hint: 'Raise `timeoutMs`, or fetch the image yourself and give its bytes.',
  })
}

function broken(subject: string, cause: unknown): NobgError {
  const reason = messageOf(cause)
  return new NobgError('INVALID_SOURCE', `Expected the bytes of an image from ${subject}, but ${reason}.`, {
    hint: 'Give a stream of bytes that no other code reads.',
    cause,
  })
}
