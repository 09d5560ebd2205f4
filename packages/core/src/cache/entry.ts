import { isUint8Array } from 'node:util/types'
import { digestBytesSync } from '../shared/hash.ts'

/** What can be said about an entry beside its bytes: width, height, format, contentType and the like. */
export type EntryMeta = Record<string, string | number | boolean>

/** One thing in a cache: an encoded picture, its file name, and what is known about it. Not to be changed once read. */
export interface CacheEntry {
  /** The encoded file: uint8, [byteLength]. */
  bytes: Uint8Array
  /** File name with extension, without folders, e.g. `cat-1a2b3c4d.png`. */
  fileName: string
  meta: EntryMeta
}

/** First line of an encoded entry: what it is and in which layout. */
const MAGIC = 'nobg-entry-1'

/**
 * Writes an entry as one line of text per part (magic, JSON header with length and sha256, base64), for stores that hold
 * strings only. `decodeEntry` is its inverse.
 */
export function encodeEntry({ bytes, fileName, meta }: CacheEntry): string {
  const header = { fileName, byteLength: bytes.byteLength, sha256: digestBytesSync(bytes), meta }
  return `${MAGIC}\n${JSON.stringify(header)}\n${toBuffer(bytes).toString('base64')}`
}

/**
 * Reads what `encodeEntry` wrote. Anything else, be it of another type, of another layout, cut short or altered, is
 * `undefined`: a cache miss and never an error.
 */
export function decodeEntry(stored: unknown): CacheEntry | undefined {
  if (typeof stored !== 'string') return undefined
  const headerEnd = stored.indexOf('\n', MAGIC.length + 1)
  if (!stored.startsWith(`${MAGIC}\n`) || headerEnd === -1) return undefined
  const header = parseJson(stored.slice(MAGIC.length + 1, headerEnd))
  if (!isRecord(header) || typeof header.fileName !== 'string' || !isMeta(header.meta)) return undefined
  const bytes = asBytes(Buffer.from(stored.slice(headerEnd + 1), 'base64'))
  if (bytes.byteLength !== header.byteLength || digestBytesSync(bytes) !== header.sha256) return undefined
  return { bytes, fileName: header.fileName, meta: header.meta }
}

/** Whether a value from outside has the shape of a CacheEntry. */
export function isCacheEntry(value: unknown): value is CacheEntry {
  return (
    isRecord(value) && isUint8Array(value.bytes) && typeof value.fileName === 'string' && isMeta(value.meta)
  )
}

/** Whether a value from outside can serve as an entry's `meta`. */
export function isMeta(value: unknown): value is EntryMeta {
  if (!isRecord(value)) return false
  // JSON has no NaN: an entry with one could be written and not be read.
  return Object.values(value).every(item => /^(string|boolean)$/.test(typeof item) || Number.isFinite(item))
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `JSON.parse` that answers `undefined` where it would throw. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A Buffer's bytes without Buffer's methods, which differ from those of the Uint8Array that it claims to be. */
export function asBytes(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
