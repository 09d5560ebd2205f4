import { digestBytes } from '../shared/hash.ts'
import { safeFileName } from '../shared/names.ts'
import { type CacheEntry, type EntryMeta, isMeta, isRecord, parseJson } from './entry.ts'

/** Content of a picture's sidecar: the data to verify the picture, and its metadata. */
export interface Sidecar {
  /** The entry's full key; the folder's name may be a digest of it. */
  key: string
  /** Name of the picture in the same folder, a result of `safeFileName`. */
  fileName: string
  byteLength: number
  /** sha256 of the picture, 64 hex digits. */
  sha256: string
  meta: EntryMeta
  /** Time of expiry, ms since 1970; absent if the entry does not expire. */
  expires?: number
}

/** Creates the sidecar of an entry. */
export async function describeEntry(key: string, entry: CacheEntry, expires?: number): Promise<Sidecar> {
  const { bytes, meta } = entry
  return {
    key,
    fileName: safeFileName(entry.fileName),
    byteLength: bytes.byteLength,
    sha256: await digestBytes(bytes),
    meta,
    expires,
  }
}

/** Parses a sidecar; `undefined` if the text is no valid sidecar of this key. */
export function parseSidecar(text: string, key: string): Sidecar | undefined {
  const value = parseJson(text)
  if (!isRecord(value) || value.key !== key || !isMeta(value.meta)) return undefined
  const { fileName, byteLength, sha256, meta, expires } = value
  // The name becomes part of a path: a manipulated name must not lead out of the folder.
  if (typeof fileName !== 'string' || safeFileName(fileName) !== fileName) return undefined
  if (typeof byteLength !== 'number' || typeof sha256 !== 'string') return undefined
  if (expires !== undefined && typeof expires !== 'number') return undefined
  return { key, fileName, byteLength, sha256, meta, expires }
}
