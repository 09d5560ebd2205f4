import { type KeyvStorageAdapter, type KeyvStorageEntry, keyvStorageCapability } from 'keyv'
import { NobgError } from '../shared/errors.ts'
import { type CacheEntry, isCacheEntry } from './entry.ts'

type SingleMethods = 'namespace' | 'get' | 'set' | 'has' | 'delete' | 'clear'
type BatchMethods = 'capabilities' | 'getMany' | 'setMany' | 'hasMany' | 'deleteMany'

/** A storage adapter of Keyv 6 that stores `{ value, expires }` without serialization; each value is a CacheEntry. */
export type EntryAdapter = Pick<KeyvStorageAdapter, SingleMethods | BatchMethods>

/** Adds the batch methods to a store, in place, so that Keyv can use it as an adapter. */
export function completeAdapter<Store extends Pick<EntryAdapter, SingleMethods>>(
  store: Store,
): Store & EntryAdapter {
  const adapter = Object.assign(store, {
    getMany: <Value>(keys: string[]) => Promise.all(keys.map(key => store.get<Value>(key))),
    setMany: (entries: KeyvStorageEntry[]) =>
      Promise.all(entries.map(({ key, value, expires }) => store.set(key, value, expires))),
    hasMany: (keys: string[]) => Promise.all(keys.map(key => store.has(key))),
    deleteMany: (keys: string[]) => Promise.all(keys.map(key => store.delete(key))),
  })
  // Without `capabilities` Keyv treats the store as an adapter of an older version.
  return Object.assign(adapter, { capabilities: keyvStorageCapability(adapter) })
}

/** The key with the adapter's namespace. */
export function fullKeyOf({ namespace }: Pick<EntryAdapter, 'namespace'>, key: string): string {
  return namespace ? `${namespace}:${key}` : key
}

/**
 * Returns the entry in the object `{ value, expires }` that Keyv gives to an adapter.
 *
 * @throws {NobgError} INVALID_OPTION if the value is no CacheEntry
 */
export function entryIn(stored: unknown): CacheEntry {
  const value = (stored as { value?: unknown } | null)?.value
  if (isCacheEntry(value)) return value
  throw new NobgError(
    'INVALID_OPTION',
    `Expected the cache store to return an entry { bytes, fileName, meta }, got ${typeof stored}.`,
    {
      hint: 'Set the option `serialization: false` of Keyv, and store only entries of the cache of nobg.',
    },
  )
}
