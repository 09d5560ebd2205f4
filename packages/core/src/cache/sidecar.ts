import { digestBytes } from '../shared/hash.ts'
import { type CacheEntry, type EntryMeta, isMeta, isRecord, parseJson } from './entry.ts'
import { safeFileName } from './layout.ts'

/** What is kept beside a picture: all that is needed to tell whether the picture is whole, and what it is. */
export interface Sidecar {
  /** The entry's full key, since the folder's name may be a digest of it. */
  key: string
  /** Name of the picture in the same folder, as `safeFileName` gives it. */
  fileName: string
  byteLength: number
  /** sha256 of the picture, 64 hex digits. */
  sha256: string
  meta: EntryMeta
  /** When the entry ends, in ms since 1970; never where absent. */
  expires?: number
}

/** Describes an entry for its sidecar. */
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

/** The sidecar in a text, or `undefined` where the text is not a whole sidecar of this key. */
export function parseSidecar(text: string, key: string): Sidecar | undefined {
  const value = parseJson(text)
  if (!isRecord(value) || value.key !== key || !isMeta(value.meta)) return undefined
  const { fileName, byteLength, sha256, meta, expires } = value
  // The name leads to the file that is read: one that was tampered with must not lead anywhere else.
  if (typeof fileName !== 'string' || safeFileName(fileName) !== fileName) return undefined
  if (typeof byteLength !== 'number' || typeof sha256 !== 'string') return undefined
  if (expires !== undefined && typeof expires !== 'number') return undefined
  return { key, fileName, byteLength, sha256, meta, expires }
}
