import { Keyv, type KeyvSerializationAdapter, type KeyvValue } from 'keyv'
import { NobgError } from '../shared/errors.ts'
import { type CircuitBreakerLimits, createCircuitBreaker } from './circuit-breaker.ts'
import { type CacheEntry, decodeEntry, encodeEntry, isCacheEntry } from './entry.ts'
import type { FileStore } from './file-store.ts'

/** Any store that Keyv can use (a storage adapter of Keyv 5 or 6, a `Keyv`, a `Map`). It stores strings. */
export interface SharedStore {
  get(key: string): unknown
  set(key: string, value: string): unknown
  delete(key: string): unknown
  clear(): unknown
  /** Ends connections. `true`: without waiting for pending operations. */
  disconnect?(force?: boolean): unknown
}

/** A cache's `store`: a file store (`fileStore`, `tieredStore`), or any store that Keyv can use. */
export type CacheStore = FileStore | SharedStore

/** The operations that a cache needs of a store. No method rejects: failures go to `onError`. */
export interface EntryStore {
  /** Returns the entry, or `undefined` if it is missing or cannot be read. */
  read(key: string): Promise<CacheEntry | undefined>
  /** Writes the entry. Returns whether that succeeded. */
  write(key: string, entry: CacheEntry): Promise<boolean>
  /** Removes the entry. Returns whether it existed. */
  remove(key: string): Promise<boolean>
  clear(): Promise<void>
  /** Ends the store's connections, which otherwise keep the process alive. */
  close(): Promise<void>
}

/** Whether the store keeps entries as files. */
export function keepsFiles(store: CacheStore): store is FileStore {
  return 'pathOf' in store
}

/**
 * Opens a store with Keyv. A file store gets the entries as objects. Any other store gets them as text and is not trusted:
 * its entries are verified, and after a timeout it is not used for a while.
 *
 * @throws {NobgError} INVALID_OPTION if Keyv cannot use the store
 */
export function openEntryStore(
  store: CacheStore,
  onError: (error: unknown) => void,
  limits?: CircuitBreakerLimits,
): EntryStore {
  return keepsFiles(store) ? openFiles(store, onError) : openShared(store, onError, limits)
}

function openFiles(store: FileStore, onError: (error: unknown) => void): EntryStore {
  const keyv = openKeyv({ store, serialization: false }, onError)
  return {
    async read(key) {
      const entry = await keyv.get<unknown>(key)
      return isCacheEntry(entry) ? entry : undefined
    },
    write: (key, entry) => keyv.set(key, entry),
    remove: key => keyv.delete(key),
    clear: () => keyv.clear(),
    close: () => keyv.disconnect(),
  }
}

function openShared(
  store: SharedStore,
  onError: (error: unknown) => void,
  limits?: CircuitBreakerLimits,
): EntryStore {
  const breaker = createCircuitBreaker(onError, limits)
  const keyv = openKeyv({ store, serialization: textAsItIs }, error => {
    breaker.hurry()
    onError(error)
  })
  return {
    read: async key => decodeEntry(await breaker.run(() => keyv.get<unknown>(key))),
    write: async (key, entry) => (await breaker.run(() => keyv.set(key, encodeEntry(entry)))) ?? false,
    remove: async key => (await breaker.run(() => keyv.delete(key))) ?? false,
    clear: async () => {
      await breaker.run(() => keyv.clear())
    },
    async close() {
      const closed = await breaker.run(async () => {
        await keyv.disconnect()
        return true
      })
      // A client that waits for its server to return would keep the process alive forever.
      if (!closed) await store.disconnect?.(true)
    },
  }
}

/** Prevents Keyv from wrapping the text in JSON: it would then report damaged text as an error. */
const textAsItIs: KeyvSerializationAdapter = {
  stringify: stored => String((stored as KeyvValue<string>).value),
  parse: <T>(text: string) => ({ value: text }) as T,
}

function openKeyv(
  options: { store: CacheStore; serialization: KeyvSerializationAdapter | false },
  onError: (error: unknown) => void,
): Keyv {
  try {
    const keyv = new Keyv(options)
    keyv.on('error', onError)
    return keyv
  } catch (error) {
    throw new NobgError(
      'INVALID_OPTION',
      "Expected the cache's store to have the methods get, set, delete and clear, got a store without them.",
      {
        hint: 'Give fileStore({ dir }), tieredStore(fileStore({ dir }), shared), a storage adapter of Keyv, or a Map.',
        cause: error,
      },
    )
  }
}
