import { type KeyvStorageEntry, keyvStorageCapability } from 'keyv'
import type { CacheEntry } from './entry.ts'
import { openEntryStore, type SharedStore } from './entry-store.ts'
import { entryIn, type FileStore } from './file-store.ts'
import type { PatienceLimits } from './patience.ts'

/** Hears of a failure in one of the tiers: the error, and the store that failed. */
export type TierErrorListener = (error: unknown, tier: object) => void

/** A file store with a shared store behind it; for those who use it, a file store. */
export interface TieredStore extends FileStore {
  /** The store behind the files. */
  readonly shared: SharedStore
  /** Reports failures of either tier; the other one has then done the work alone. */
  onTierError(listener: TierErrorListener): void
  /** Ends the connections of the shared store. */
  disconnect(): Promise<void>
}

/** Whether a file store has a shared store behind it. */
export function isTiered(store: FileStore): store is TieredStore {
  return 'onTierError' in store
}

/**
 * Puts local files in front of a store that several machines share (Redis, Postgres, …): what is not on disk is looked
 * up in the shared store and kept on disk, and what is made is written to both. A tier that fails, or a shared store that
 * does not answer, is done without. `clear()` empties both: give the shared store a namespace of its own where others
 * use it too.
 *
 * @throws {NobgError} INVALID_OPTION where Keyv cannot drive the shared store
 */
export function tieredStore(local: FileStore, shared: SharedStore, limits?: PatienceLimits): TieredStore {
  const listeners = new Set<TierErrorListener>()
  const reporterOf = (tier: object) => (error: unknown) => {
    for (const listener of listeners) listener(error, tier)
  }
  const near = openEntryStore(local, reporterOf(local))
  const far = openEntryStore(shared, reporterOf(shared), limits)
  const fullKey = (key: string) => (store.namespace ? `${store.namespace}:${key}` : key)

  async function read(key: string): Promise<CacheEntry | undefined> {
    const entry = await near.read(key)
    if (entry) return entry
    const fetched = await far.read(key)
    if (fetched) await near.write(key, fetched)
    return fetched
  }

  async function find(key: string) {
    const found = await local.find(key).catch(reporterOf(local))
    if (found || !(await read(key))) return found ?? undefined
    return (await local.find(key).catch(reporterOf(local))) ?? undefined
  }

  const store: TieredStore = {
    namespace: undefined,
    dir: local.dir,
    lockDir: local.lockDir,
    shared,
    onTierError: listener => void listeners.add(listener),
    pathOf: (key, fileName) => local.pathOf(fullKey(key), fileName),
    find: key => find(fullKey(key)),
    stats: () => local.stats(),
    async get<Value>(key: string) {
      const entry = await read(fullKey(key))
      return entry && { value: entry as Value }
    },
    async set(key, stored) {
      const entry = entryIn(stored)
      const kept = await Promise.all([near.write(fullKey(key), entry), far.write(fullKey(key), entry)])
      return kept[0]
    },
    has: async key => (await read(fullKey(key))) !== undefined,
    async delete(key) {
      const removed = await Promise.all([near.remove(fullKey(key)), far.remove(fullKey(key))])
      return removed.includes(true)
    },
    async clear() {
      await Promise.all([near.clear(), far.clear()])
    },
    getMany: <Value>(keys: string[]) => Promise.all(keys.map(key => store.get<Value>(key))),
    setMany: (entries: KeyvStorageEntry[]) =>
      Promise.all(entries.map(({ key, value }) => store.set(key, value))),
    hasMany: keys => Promise.all(keys.map(key => store.has(key))),
    deleteMany: keys => Promise.all(keys.map(key => store.delete(key))),
    disconnect: () => far.close(),
  }
  store.capabilities = keyvStorageCapability(store)
  return store
}
