import { type KeyvStorageAdapter, type KeyvStorageEntry, keyvStorageCapability } from 'keyv'
import { NobgError } from '../shared/errors.ts'
import { type CacheEntry, isCacheEntry } from './entry.ts'

type SingleMethods = 'namespace' | 'get' | 'set' | 'has' | 'delete' | 'clear'
type BatchMethods = 'capabilities' | 'getMany' | 'setMany' | 'hasMany' | 'deleteMany'

/** What Keyv 6 asks of a storage adapter. Ours keep its `{ value, expires }` with entries for values: no serialization. */
export type EntryAdapter = Pick<KeyvStorageAdapter, SingleMethods | BatchMethods>

/** Completes a store of single keys, in place, to an adapter that Keyv drives directly. */
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
  // Keyv bridges a store to its older contract unless the store declares this one.
  return Object.assign(adapter, { capabilities: keyvStorageCapability(adapter) })
}

/** The key under which an adapter keeps what Keyv calls `key`. */
export function fullKeyOf({ namespace }: Pick<EntryAdapter, 'namespace'>, key: string): string {
  return namespace ? `${namespace}:${key}` : key
}

/**
 * The entry in what Keyv hands to an adapter: the envelope `{ value, expires }`.
 *
 * @throws {NobgError} INVALID_OPTION if there is something else
 */
export function entryIn(stored: unknown): CacheEntry {
  const value = (stored as { value?: unknown } | null)?.value
  if (isCacheEntry(value)) return value
  throw new NobgError('INVALID_OPTION', `expected an entry { bytes, fileName, meta }, got ${typeof stored}`, {
    hint: 'A store of files keeps pictures only; give it to Keyv with `serialization: false`.',
  })
}
