import { completeAdapter, entryIn, fullKeyOf } from './adapter.ts'
import { type CircuitBreakerLimits, parseLimits } from './circuit-breaker.ts'
import type { CacheEntry } from './entry.ts'
import { openEntryStore, type SharedStore } from './entry-store.ts'
import type { FileStore } from './file-store.ts'

/** Called with the error of a tier, and the store that failed. */
type TierErrorListener = (error: unknown, tier: object) => void

/** A file store with a shared store behind it. */
export interface TieredStore extends FileStore {
  /** The local files. */
  readonly local: FileStore
  /** The shared store behind them. */
  readonly shared: SharedStore
  /** Adds a listener for failures of a tier. The other tier continues alone. */
  onTierError(listener: TierErrorListener): void
  /** Ends the connections of the shared store. */
  disconnect(): Promise<void>
}

/** Whether a file store has a shared store behind it. */
export function isTiered(store: FileStore): store is TieredStore {
  return 'onTierError' in store
}

/**
 * Combines local files with a store that several machines share (Redis, Postgres, …). An entry that is not on disk is
 * read from the shared store and copied to disk. A new entry is written to both. If one tier fails or does not answer, the
 * other tier works alone. `clear()` empties both: give the shared store its own namespace if other programs use it.
 *
 * @param limits times in ms after which the shared store counts as failed
 *
 * @throws {NobgError} INVALID_OPTION if Keyv cannot use the shared store, or for a wrong limit
 */
export function tieredStore(
  local: FileStore,
  shared: SharedStore,
  limits?: CircuitBreakerLimits,
): TieredStore {
  const listeners = new Set<TierErrorListener>()
  const reporterOf = (tier: object) => (error: unknown) => {
    for (const listener of listeners) listener(error, tier)
  }
  const near = openEntryStore(local, reporterOf(local))
  const far = openEntryStore(shared, reporterOf(shared), parseLimits(limits))
  const fullKey = (key: string) => fullKeyOf(store, key)

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

  const store: TieredStore = completeAdapter({
    namespace: undefined as string | undefined,
    dir: local.dir,
    lockDir: local.lockDir,
    local,
    shared,
    onTierError: (listener: TierErrorListener) => void listeners.add(listener),
    pathOf: (key: string, fileName: string) => local.pathOf(fullKey(key), fileName),
    find: (key: string) => find(fullKey(key)),
    async link(from: string, to: string) {
      if (!(await local.link(fullKey(from), fullKey(to)))) return false
      const entry = await near.read(fullKey(to))
      if (entry) await far.write(fullKey(to), entry)
      return true
    },
    stats: () => local.stats(),
    verify: () => local.verify(),
    async get<Value>(key: string) {
      const entry = await read(fullKey(key))
      return entry && { value: entry as Value }
    },
    async set(key: string, stored: unknown) {
      const entry = entryIn(stored)
      const kept = await Promise.all([near.write(fullKey(key), entry), far.write(fullKey(key), entry)])
      return kept[0]
    },
    has: async (key: string) => (await read(fullKey(key))) !== undefined,
    async delete(key: string) {
      const removed = await Promise.all([near.remove(fullKey(key)), far.remove(fullKey(key))])
      return removed.includes(true)
    },
    async clear() {
      await Promise.all([near.clear(), far.clear()])
    },
    disconnect: () => far.close(),
  })
  return store
}
