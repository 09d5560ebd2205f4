import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'

import { z } from 'zod'
import { atLeast, parseFields } from '../shared/fields.ts'
import { safeFileName } from '../shared/names.ts'
import { completeAdapter, type EntryAdapter, entryIn, fullKeyOf } from './adapter.ts'
import type { EntryMeta } from './entry.ts'
import { createEviction } from './evict.ts'
import { entryDirOf, type Layout, layOut, namespaceDirOf } from './layout.ts'
import { linkEntry } from './link-entry.ts'
import { readEntry, type VerifiedFiles, verifyEntry } from './read-entry.ts'
import { addSizes, listEntries } from './stored-entries.ts'
import { removeEntry, writeEntry } from './write-entry.ts'

/** Options of a file store. */
export interface FileStoreOptions {
  /** Folder of the store. The first write creates it. */
  dir: string
  /** Size in bytes above which the least recently used entries are evicted. Default: 2 GiB. */
  maxBytes?: number
  /**
   * Milliseconds after a write or read during which an entry is not evicted, even if the store exceeds `maxBytes`: a host
   * may still use its path. Default: one hour.
   */
  keepMs?: number
}

/** The description of a field says what the field must be. */
const optionsSchema = z.strictObject({
  dir: z.string().min(1).describe('the path of a folder'),
  maxBytes: atLeast(0),
  keepMs: atLeast(0),
} satisfies Record<keyof FileStoreOptions, z.ZodType>)

/** A verified entry on disk, without its bytes. */
export interface CachedFile {
  /** Absolute path of the verified picture. */
  path: string
  fileName: string
  byteLength: number
  meta: EntryMeta
}

/** Result of `verify`. */
export interface CacheVerification {
  /** Number of entries that were read. */
  entries: number
  /** Number of damaged or expired entries that were removed. */
  removed: number
}

/** A storage adapter of Keyv that keeps entries as plain files. Give it to Keyv with `serialization: false`. */
export interface FileStore extends EntryAdapter {
  /** Absolute path of the store's folder. */
  readonly dir: string
  /** Folder of the locks that processes hold while they create entries. */
  readonly lockDir: string
  /** Returns the absolute path of a key's picture. The file may not exist yet. */
  pathOf(key: string, fileName: string): string
  /** Verifies a key's picture and returns its path and metadata; `undefined` if there is none. */
  find(key: string): Promise<CachedFile | undefined>
  /**
   * Stores the entry of a key under a second key, without a second copy of the picture.
   *
   * @returns whether the first key has an entry
   * @throws {Error} the system's, such as EPERM on a file system without hard links
   */
  link(from: string, to: string): Promise<boolean>
  /**
   * Returns the number of entries and the total size of their files. A file that several entries share counts once. Reads
   * all folders.
   */
  stats(): Promise<{ entries: number; bytes: number }>
  /** Hashes all entries and removes damaged and expired ones. Keeps entries that are being written. */
  verify(): Promise<CacheVerification>
}

/**
 * Creates a store that keeps each entry as a plain file, `<dir>/v1/<namespace>/<key>/<fileName>`. A sidecar has its length
 * and sha256. Writes are atomic. Each read is verified; a damaged entry is removed and counts as missing.
 * If the store exceeds `maxBytes`, the least recently used entries are evicted. Several processes may share a folder.
 * Methods reject with the system's error if the folder cannot be read or written.
 *
 * @throws {NobgError} INVALID_OPTION
 */
export function fileStore(options: FileStoreOptions): FileStore {
  const {
    dir,
    maxBytes = 2 * 1024 ** 3,
    keepMs = 3_600_000,
  } = parseFields(optionsSchema, options, {
    label: name => `fileStore, ${name}`,
    noun: 'option of fileStore',
    plural: 'options',
  })
  const layout = layOut(dir)
  const verified: VerifiedFiles = new Map()
  const noteWrite = createEviction(layout, { maxBytes, keepMs })
  const fullKey = (key: string) => fullKeyOf(store, key)

  const store: FileStore = completeAdapter({
    namespace: undefined as string | undefined,
    dir: resolve(dir),
    lockDir: layout.lockDir,
    pathOf: (key: string, fileName: string) => join(entryDirOf(layout, fullKey(key)), safeFileName(fileName)),
    async get<Value>(key: string) {
      const found = await readEntry(layout, fullKey(key), verified, true)
      if (!found) return undefined
      const { fileName, meta, expires } = found.sidecar
      return { value: { bytes: found.bytes, fileName, meta } as Value, expires }
    },
    async find(key: string) {
      const found = await readEntry(layout, fullKey(key), verified, false)
      if (!found) return undefined
      const { fileName, byteLength, meta } = found.sidecar
      return { path: found.path, fileName, byteLength, meta }
    },
    async link(from: string, to: string) {
      const bytes = await linkEntry(layout, fullKey(from), fullKey(to), verified)
      if (bytes !== undefined) await noteWrite(bytes)
      return bytes !== undefined
    },
    async set(key: string, stored: unknown, expires?: number) {
      await noteWrite(await writeEntry(layout, fullKey(key), entryIn(stored), expires))
      return true
    },
    has: async (key: string) => (await store.find(key)) !== undefined,
    async delete(key: string) {
      const existed = await store.has(key)
      await removeEntry(layout, entryDirOf(layout, fullKey(key)))
      return existed
    },
    clear: () => clearStore(layout, store.namespace),
    verify: () => verifyStore(layout),
    async stats() {
      const entries = (await listEntries(layout)).filter(entry => entry.complete)
      return { entries: entries.length, bytes: addSizes(entries).bytes }
    },
  })
  return store
}

async function verifyStore(layout: Layout): Promise<CacheVerification> {
  const entries = (await listEntries(layout)).filter(entry => entry.complete)
  let removed = 0
  for (const { dir } of entries) if (!(await verifyEntry(layout, dir))) removed++
  return { entries: entries.length, removed }
}

/** Removes all entries, or those of one namespace. Locks stay. */
async function clearStore(layout: Layout, namespace: string | undefined): Promise<void> {
  const doomed = namespace
    ? [namespaceDirOf(layout.root, namespace)]
    : (await listEntries(layout)).map(entry => entry.dir)
  for (const dir of doomed) await removeEntry(layout, dir)
  if (!namespace) await rm(layout.tmpDir, { recursive: true, force: true })
}
