import { fileURLToPath } from 'node:url'
import { isAnyArrayBuffer, isArrayBuffer } from 'node:util/types'
import { abbreviate } from '../shared/abbreviate.ts'
import { NobgError, throwIfAborted } from '../shared/errors.ts'
import { digestBytes, digestPixels } from '../shared/hash.ts'
import { nameSource } from '../shared/names.ts'
import type { ImageInput, RasterInput, Source } from '../shared/types.ts'
import { decodeDataUri } from './data-uri.ts'
import { type DigestMemo, readFileSource } from './file-source.ts'
import { fetchImage } from './http-source.ts'
import { type ReadLimits, refuseSize } from './limits.ts'
import { checkRaster, isRasterInput } from './raster-input.ts'
import { collectStream } from './stream-source.ts'

const defaultMaxBytes = 256 * 2 ** 20
const defaultTimeoutMs = 60_000

export interface ReadSourceOptions {
  /** Maximum size of an encoded image, bytes. Default: 256 MiB. */
  maxBytes?: number
  /** Longest time without data, ms; 0: no limit. Default: one minute for a server, no limit for a stream. */
  timeoutMs?: number
  signal?: AbortSignal
  /** Digests of files that were read before. New digests are added. See {@link createSourceReader}. */
  digests?: DigestMemo
}

/** `readSource` with fixed limits and a memo of digests, see {@link createSourceReader}. */
export type SourceReader = (input: ImageInput, options?: { signal?: AbortSignal }) => Promise<Source>

/**
 * Creates a `readSource` that remembers the digests of files by path, inode, size and times: for an unchanged file it
 * calls `stat` and does not hash. A file that was written less than two seconds ago is always hashed, because it may
 * change again without a change of its timestamp.
 */
export function createSourceReader(
  limits: Pick<ReadSourceOptions, 'maxBytes' | 'timeoutMs'> = {},
): SourceReader {
  const digests: DigestMemo = new Map()
  return (input, { signal } = {}) => readSource(input, { ...limits, signal, digests })
}

/**
 * Reads an image input and returns its digest, name and bytes. Does not decode it. Arrays are not copied, except views of
 * shared memory, so they must not change while they are in use. A stream is consumed. `maxBytes` does not apply to decoded
 * pixels; `maxPixels` does.
 *
 * @throws {NobgError} INVALID_SOURCE if `input` is no image input, or is empty
 * @throws {NobgError} SOURCE_NOT_FOUND if there is no file at a path or URL; SOURCE_TIMEOUT if a server is too slow
 * @throws {NobgError} SOURCE_TOO_LARGE if there are more than `maxBytes` bytes; stops reading there
 * @throws {NobgError} UNSUPPORTED_FORMAT if a URL returns a web page
 * @throws {NobgError} ABORTED
 */
export async function readSource(input: ImageInput, options: ReadSourceOptions = {}): Promise<Source> {
  const { signal, digests, maxBytes = defaultMaxBytes, timeoutMs = defaultTimeoutMs } = options
  throwIfAborted(signal)
  const limits: ReadLimits = { maxBytes, timeoutMs, signal }
  if (typeof input === 'string' || isUrl(input)) return readReference(String(input), limits, digests)
  if (isPixels(input)) return holdPixels(input, signal)
  // No time limit by default: the writer of a stream may be a person, or a program that still computes the picture.
  const bytes = await readObject(input, { ...limits, timeoutMs: options.timeoutMs ?? 0 })
  return holdBytes(bytes, nameSource(fileName(input)), limits)
}

async function readReference(reference: string, limits: ReadLimits, digests?: DigestMemo): Promise<Source> {
  if (reference === '') throw notAnImage('an empty string')
  // A single letter before the colon is a drive of Windows, not a scheme.
  const scheme = /^([a-z][a-z\d+.-]+):/i.exec(reference)?.[1]?.toLowerCase()
  if (scheme === 'data') return holdBytes(decodeDataUri(reference, limits), nameSource(undefined), limits)
  if (scheme === 'http' || scheme === 'https') {
    const { bytes, name } = await fetchImage(parseUrl(reference), limits)
    return holdBytes(bytes, nameSource(name), limits)
  }
  if (scheme === 'file') return readFileSource(toPath(reference), limits, digests)
  if (scheme === 'blob' || (scheme && reference.startsWith('//', scheme.length + 1))) throw foreign(scheme)
  return readFileSource(reference, limits, digests).catch(error => {
    if (!isMissing(error)) throw error
    // Only after the file was not found: a file may be named `a:b.jpg`, and a path may look like base64.
    if (scheme) throw foreign(scheme, error)
    throw explainText(reference) ?? error
  })
}

function isMissing(error: unknown): boolean {
  return error instanceof NobgError && error.code === 'SOURCE_NOT_FOUND'
}

function foreign(scheme: string, cause?: unknown): NobgError {
  const hint =
    scheme === 'blob'
      ? 'Give the Blob, or its bytes: a blob: URL is valid only in the page that created it.'
      : 'Fetch the image yourself and give its bytes, or give a path, a file:, http: or https: URL, or a data: URI.'
  return notAnImage(`a ${abbreviate(scheme)}: URL`, cause, hint)
}

/** Characters. The shortest image, a GIF of one pixel, has 35 bytes; paths of this length without a dot are rare. */
const leastBase64 = 44

/** Accepts both alphabets, line breaks and padding. A path with an extension has a dot, which base64 has not. */
function looksLikeBase64(text: string): boolean {
  return text.length >= leastBase64 && /^[\w+/=\s-]+$/.test(text)
}

/** Returns the error for image data that was given as a string; undefined for other strings. */
function explainText(text: string): NobgError | undefined {
  const isMarkup = /^\s*<(?:svg|\?xml|!doctype)\b/i.test(text)
  if (!isMarkup && !looksLikeBase64(text)) return undefined
  // No cause: the system's error would contain the whole text.
  return notAnImage(
    `a string of ${text.length} characters that is no path and looks like ${isMarkup ? 'markup' : 'base64'}: ${abbreviate(text, 60)}`,
    undefined,
    isMarkup
      ? 'Give its bytes, Buffer.from(text), or a data: URI: data:image/svg+xml, followed by the percent-encoded text.'
      : "Give a data: URI, data:image/png;base64,…, or the bytes: Buffer.from(text, 'base64').",
  )
}

type BytesInput = Exclude<ImageInput, string | URL | RasterInput>

async function readObject(input: BytesInput, limits: ReadLimits): Promise<Uint8Array> {
  if (ArrayBuffer.isView(input)) return viewBytes(input.buffer, input.byteOffset, input.byteLength)
  if (isAnyArrayBuffer(input)) return viewBytes(input, 0, input.byteLength)
  if (isBlob(input)) {
    refuseSize(input.size, limits.maxBytes, 'The blob')
    return new Uint8Array(await input.arrayBuffer())
  }
  if (isStream(input)) return collectStream(input, 'the stream', limits)
  throw notAnImage(
    input === null ? 'null' : typeof input === 'object' ? 'an object of another kind' : `a ${typeof input}`,
  )
}

async function holdBytes(bytes: Uint8Array, name: string, { maxBytes, signal }: ReadLimits): Promise<Source> {
  if (bytes.byteLength === 0) throw notAnImage('no bytes at all')
  refuseSize(bytes.byteLength, maxBytes, 'The image')
  return { digest: await digestBytes(bytes, signal), name, bytes: async () => bytes }
}

async function holdPixels(input: RasterInput, signal: AbortSignal | undefined): Promise<Source> {
  checkRaster(input)
  const { data, width, height, channels } = input
  const shape = { width, height, channels }
  const bytes = viewBytes(data.buffer, data.byteOffset, data.byteLength)
  const digest = await digestPixels(bytes, shape, signal)
  return { digest, name: nameSource(undefined), shape, bytes: async () => bytes }
}

/** Copies shared memory: sharp does not accept it, it cannot be transferred, and another thread may write to it. */
function viewBytes(buffer: ArrayBufferLike, byteOffset: number, byteLength: number): Uint8Array {
  const view = new Uint8Array(buffer, byteOffset, byteLength)
  return isArrayBuffer(buffer) ? view : new Uint8Array(view)
}

// Not `instanceof`: simulated browsers (jsdom, happy-dom) have other classes.

function isUrl(input: unknown): input is URL {
  return typeof input === 'object' && input !== null && 'href' in input && 'searchParams' in input
}

function isBlob(input: unknown): input is Blob {
  return (
    typeof input === 'object' &&
    input !== null &&
    'arrayBuffer' in input &&
    'size' in input &&
    'type' in input
  )
}

function isStream(input: unknown): input is ReadableStream<Uint8Array> | NodeJS.ReadableStream {
  return (
    typeof input === 'object' &&
    input !== null &&
    !isBlob(input) &&
    (Symbol.asyncIterator in input || 'getReader' in input)
  )
}

function isPixels(input: unknown): input is RasterInput {
  return typeof input === 'object' && input !== null && !isStream(input) && isRasterInput(input)
}

function fileName(input: object): string | undefined {
  return isBlob(input) && 'name' in input && typeof input.name === 'string' ? input.name : undefined
}

function parseUrl(reference: string): URL {
  if (!URL.canParse(reference)) throw notAnImage('a URL that cannot be parsed')
  return new URL(reference)
}

function toPath(reference: string): string {
  try {
    return fileURLToPath(reference)
  } catch (cause) {
    throw notAnImage(`the file: URL ${abbreviate(reference)}`, cause)
  }
}

const whatIsTaken =
  'Give a path, a file:, http: or https: URL, a data: URI, a Uint8Array, an ArrayBuffer, a Blob, a stream or decoded pixels.'

function notAnImage(received: string, cause?: unknown, hint: string = whatIsTaken): NobgError {
  return new NobgError('INVALID_SOURCE', `Expected an image, got ${received}.`, { hint, cause })
}
