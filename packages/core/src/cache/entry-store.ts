import { Keyv, type KeyvSerializationAdapter, type KeyvValue } from 'keyv'
import { NobgError } from '../shared/errors.ts'
import { type CircuitBreakerLimits, createCircuitBreaker } from './circuit-breaker.ts'
import { type CacheEntry, decodeEntry, encodeEntry, isCacheEntry } from './entry.ts'
import type { FileStore } from './file-store.ts'

/** Any store that Keyv can drive (a storage adapter of Keyv 5 or 6, a `Keyv`, a `Map`): strings in, strings out. */
export interface SharedStore {
  get(key: string): unknown
  set(key: string, value: string): unknown
  delete(key: string): unknown
  clear(): unknown
  /** Ends connections; `true` asks not to wait for what is under way. */
  disconnect?(force?: boolean): unknown
}

/** Everything that can be a cache's `store`: files (`fileStore`, `tieredStore`), or what Keyv can drive. */
export type CacheStore = FileStore | SharedStore

/** A store seen as what a cache needs of it. No method rejects: failures go to `onError`. */
export interface EntryStore {
  /** The entry, or `undefined` if there is none or it cannot be had. */
  read(key: string): Promise<CacheEntry | undefined>
  /** Whether the entry was kept. */
  write(key: string, entry: CacheEntry): Promise<boolean>
  /** Whether there was an entry to remove. */
  remove(key: string): Promise<boolean>
  clear(): Promise<void>
  /** Ends the store's connections, which would keep the process alive. */
  close(): Promise<void>
}

/** Whether the store keeps entries as files, and needs no text form of them. */
export function keepsFiles(store: CacheStore): store is FileStore {
  return 'pathOf' in store
}

/**
 * Opens a store through Keyv. A store of files is given the entries as they are. Any other gets them as text and is
 * not trusted: what it returns is verified, and it is left alone for a while when it does not answer.
 *
 * @throws {NobgError} INVALID_OPTION if Keyv cannot drive the store
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
      // A client that waits for its server to come back would keep the process alive for ever.
      if (!closed) await store.disconnect?.(true)
    },
  }
}

/** Keeps Keyv from wrapping the text in JSON, of which it would report every damage as an error. */
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
      "expected the cache's store to have get, set, delete and clear, as Keyv needs them, got one that has not",
      {
        hint: 'Give fileStore({ dir }), tieredStore(fileStore({ dir }), shared), a storage adapter of Keyv, or a Map.',
        cause: error,
      },
    )
  }
}
