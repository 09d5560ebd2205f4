import { isUint8Array } from 'node:util/types'
import { digestBytesSync } from '../shared/hash.ts'

/** Metadata of an entry: width, height, format, contentType and the like. */
export type EntryMeta = Record<string, string | number | boolean>

/** A cached picture: the encoded file, its name and its metadata. Callers must not change an entry that they read. */
export interface CacheEntry {
  /** The encoded file: uint8, [byteLength]. */
  bytes: Uint8Array
  /** File name with extension, without folders, e.g. `cat.png`. */
  fileName: string
  meta: EntryMeta
}

/** First line of an encoded entry: type and version. */
const MAGIC = 'nobg-entry-1'

/**
 * Encodes an entry as text of three lines (magic, JSON header with length and sha256, base64), for stores that hold
 * strings. `decodeEntry` is the inverse.
 */
export function encodeEntry({ bytes, fileName, meta }: CacheEntry): string {
  const header = { fileName, byteLength: bytes.byteLength, sha256: digestBytesSync(bytes), meta }
  return `${MAGIC}\n${JSON.stringify(header)}\n${toBuffer(bytes).toString('base64')}`
}

/**
 * Decodes the text of `encodeEntry`. Returns `undefined`, a cache miss, for a value of another type or version, and for
 * damaged text.
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

/** Whether an untrusted value is a CacheEntry. */
export function isCacheEntry(value: unknown): value is CacheEntry {
  return (
    isRecord(value) && isUint8Array(value.bytes) && typeof value.fileName === 'string' && isMeta(value.meta)
  )
}

/** Whether an untrusted value can be an entry's `meta`. */
export function isMeta(value: unknown): value is EntryMeta {
  if (!isRecord(value)) return false
  // JSON has no NaN: an entry with NaN could be written, but not read.
  return Object.values(value).every(item => /^(string|boolean)$/.test(typeof item) || Number.isFinite(item))
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Parses JSON. Returns `undefined` for invalid text. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A plain Uint8Array on a Buffer's memory: some methods of Buffer differ from those of Uint8Array. */
export function asBytes(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
