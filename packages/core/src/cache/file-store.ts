import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'

import { showValue } from '../shared/abbreviate.ts'
import { NobgError } from '../shared/errors.ts'
import { completeAdapter, type EntryAdapter, entryIn, fullKeyOf } from './adapter.ts'
import type { EntryMeta } from './entry.ts'
import { createEviction, listEntries } from './evict.ts'
import { entryDirOf, type Layout, layOut, namespaceDirOf, safeFileName } from './layout.ts'
import { readEntry, type VerifiedFiles, verifyEntry } from './read-entry.ts'
import { removeEntry, writeEntry } from './write-entry.ts'

/** What a file store is made with. */
export interface FileStoreOptions {
  /** Folder of the store; made at the first write. */
  dir: string
  /** Bytes above which the least recently used entries are evicted: 2 GiB by default. */
  maxBytes?: number
  /**
   * Milliseconds for which an entry that any process wrote or read is safe from eviction, even if the store outgrows
   * `maxBytes` thereby: one hour by default. A host that has been handed a path must find the file there.
   */
  keepMs?: number
}

/** An entry on disk, without its bytes. */
export interface CachedFile {
  /** Absolute path of the verified picture. */
  path: string
  fileName: string
  byteLength: number
  meta: EntryMeta
}

/** What a walk over a whole store found. */
export interface CacheVerification {
  /** Entries read. */
  entries: number
  /** Damaged or expired ones among them, now removed. */
  removed: number
}

/** A Keyv storage adapter whose entries are plain files. Give it to Keyv with `serialization: false`. */
export interface FileStore extends EntryAdapter {
  /** The store's folder, absolute. */
  readonly dir: string
  /** Folder for the locks of those who create entries. */
  readonly lockDir: string
  /** The path that the picture of this key will have, or has: absolute; touches nothing. */
  pathOf(key: string, fileName: string): string
  /** The verified picture of a key without its bytes, `undefined` if there is none. */
  find(key: string): Promise<CachedFile | undefined>
  /** Number of entries and the bytes that their files take; walks the whole store. */
  stats(): Promise<{ entries: number; bytes: number }>
  /** Reads and hashes every entry, and removes those that are not whole; what is being written right now stays. */
  verify(): Promise<CacheVerification>
}

/**
 * A store that keeps each entry as a plain file, `<dir>/v1/<namespace>/<key>/<fileName>`, with a sidecar that holds its
 * length and sha256. Writes are atomic; every read is verified, and what fails is removed and answered as a miss; the
 * least recently used entries go when the store outgrows `maxBytes`. Any number of processes may share one folder.
 * Methods reject with the system's error where the folder cannot be read or written.
 *
 * @throws {NobgError} INVALID_OPTION
 */
export function fileStore(options: FileStoreOptions): FileStore {
  const { dir, maxBytes = 2 * 1024 ** 3, keepMs = 3_600_000 } = options
  checkOptions({ dir, maxBytes, keepMs })
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
      return { entries: entries.length, bytes: entries.reduce((sum, { bytes }) => sum + bytes, 0) }
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

function checkOptions({ dir, maxBytes, keepMs }: Required<FileStoreOptions>): void {
  if (typeof dir !== 'string' || dir === '') {
    throw new NobgError('INVALID_OPTION', `expected the cache's dir to be a path, got ${showValue(dir)}`)
  }
  for (const [name, value] of Object.entries({ maxBytes, keepMs })) {
    if (typeof value === 'number' && value >= 0) continue
    throw new NobgError(
      'INVALID_OPTION',
      `expected the cache's ${name} to be 0 or more, got ${showValue(value)}`,
    )
  }
}

/** Removes all entries, or those of one namespace; what is being written or locked right now stays. */
async function clearStore(layout: Layout, namespace: string | undefined): Promise<void> {
  const doomed = namespace
    ? [namespaceDirOf(layout.root, namespace)]
    : (await listEntries(layout)).map(entry => entry.dir)
  for (const dir of doomed) await removeEntry(layout, dir)
  if (!namespace) await rm(layout.tmpDir, { recursive: true, force: true })
}
