import { join } from 'node:path'

import { messageOf, throwIfAborted } from '../shared/errors.ts'
import { withLock } from '../shared/lock.ts'
import { createSingleFlight } from '../shared/single-flight.ts'
import type { Logger } from '../shared/types.ts'
import type { CacheEntry } from './entry.ts'
import { type CacheStore, keepsFiles, openEntryStore } from './entry-store.ts'
import type { CachedFile } from './file-store.ts'
import { lockNameOf } from './layout.ts'
import { isTiered } from './tiered-store.ts'

/** Options of a cache. */
export interface CacheOptions {
  /** Separates the caches that share a store. Lower case; it becomes the name of a folder. */
  namespace: string
  store: CacheStore
  /** Gets one warning per store, at its first failure. */
  logger: Logger
}

/** Creates a missing entry. The signal fires when no caller waits for the entry any more. */
type CreateEntry = (signal: AbortSignal) => Promise<CacheEntry>

/** Result of `getOrCreate`. */
export interface CacheResult {
  entry: CacheEntry
  /** True if `create` did not run: the entry was in the store, or another process created it meanwhile. */
  cached: boolean
  /** Absolute path of the entry's file; absent if the store keeps no files or failed to write this one. */
  path?: string
}

/** One namespace of a store. A failing store counts as empty: no method rejects because of it. */
export interface Cache {
  /** Returns the verified entry of a key, or `undefined`. */
  get(key: string): Promise<CacheEntry | undefined>
  /**
   * Returns the path and metadata of a key's entry without its bytes. Hashes the file at most once per process. `undefined`
   * if there is no entry, or if the store keeps no files.
   */
  find(key: string): Promise<CachedFile | undefined>
  /**
   * Returns the entry of a key, or creates it. Concurrent calls run `create` once, in this process and in all processes
   * with the same file store. If `create` rejects, all these calls reject; a later call tries again.
   *
   * @throws {NobgError} ABORTED if `signal` fires first
   */
  getOrCreate(key: string, create: CreateEntry, options?: { signal?: AbortSignal }): Promise<CacheResult>
  /** Stores an entry under a second key, unless that key has one. A file store links the file of the first key. */
  copy(from: string, to: string, entry: CacheEntry): Promise<void>
  /** Returns the path that a key's file has or will have. Absent if the store keeps no files. */
  pathOf?(key: string, fileName: string): string
  /** Ends the store's connections, which otherwise keep the process alive. */
  close(): Promise<void>
}

/** Shared by all caches of this process, so that concurrent calls create an entry once. */
const joinSingleFlight = createSingleFlight<CacheResult>()

/**
 * Creates a cache on a store. Does not access the store yet.
 *
 * @throws {NobgError} INVALID_OPTION if Keyv cannot use the store
 */
export function createCache({ namespace, store, logger }: CacheOptions): Cache {
  const files = keepsFiles(store) ? store : undefined
  const tiered = files && isTiered(files) ? files : undefined
  const onError = (error: unknown) => warnOnce(tiered?.local ?? store, error, logger)
  tiered?.onTierError((error, tier) => warnOnce(tier, error, logger))
  const entries = openEntryStore(store, onError)
  const locks = files?.lockDir
  const keyOf = (key: string) => `${namespace}:${key}`
  const pathOf = files && ((key: string, fileName: string) => files.pathOf(keyOf(key), fileName))

  async function readResult(key: string): Promise<CacheResult | undefined> {
    const entry = await entries.read(keyOf(key))
    if (!entry || !pathOf) return entry && { entry, cached: true }
    // The tiered store has copied the entry to disk, unless that failed (full disk).
    const path = tiered
      ? (await tiered.local.find(keyOf(key)).catch(onError))?.path
      : pathOf(key, entry.fileName)
    return { entry, cached: true, path }
  }

  async function createEntry(key: string, create: CreateEntry, signal: AbortSignal): Promise<CacheResult> {
    throwIfAborted(signal)
    const entry = await create(signal)
    const kept = await entries.write(keyOf(key), entry)
    return { entry, cached: false, path: kept ? pathOf?.(key, entry.fileName) : undefined }
  }

  return {
    get: key => entries.read(keyOf(key)),
    find: async key => (await files?.find(keyOf(key)).catch(onError)) ?? undefined,
    getOrCreate(key, create, { signal } = {}) {
      const readOrCreate = async (signal: AbortSignal): Promise<CacheResult> => {
        const make = () => createEntry(key, create, signal)
        const found = await readResult(key)
        if (found || !locks) return found ?? make()
        // The previous holder of the lock has probably created the entry.
        const readAgain = async () => (await readResult(key)) ?? make()
        return withLock(join(locks, lockNameOf(keyOf(key))), readAgain, {
          readActivity: () => `makes the same picture (${namespace})`,
          signal,
          onError,
          logger,
        })
      }
      return joinSingleFlight(`${identityOf(store)}\n${keyOf(key)}`, readOrCreate, signal)
    },
    async copy(from, to, entry) {
      const isThere = files ? files.find(keyOf(to)).catch(onError) : entries.read(keyOf(to))
      if (await isThere) return
      // A file system may have no hard links.
      const isLinked = await files?.link(keyOf(from), keyOf(to)).catch(() => false)
      if (!isLinked) await entries.write(keyOf(to), entry)
    },
    pathOf,
    close: () => entries.close(),
  }
}

/** Identifies a store: by the folder for a file store, by the object for other stores. */
function identityOf(store: CacheStore): string {
  if (keepsFiles(store)) return store.dir
  const identity = identities.get(store) ?? `store ${++identityCount}`
  identities.set(store, identity)
  return identity
}

const identities = new WeakMap<object, string>()
let identityCount = 0

/** Stores whose failure was logged. */
const warned = new WeakSet<object>()

function warnOnce(failed: object, error: unknown, logger: Logger): void {
  if (warned.has(failed)) return
  warned.add(failed)
  const name = 'dir' in failed ? `The cache in ${failed.dir}` : 'The shared cache'
  const reason = messageOf(error)
  logger.warn(`${name} fails (${reason}). nobg continues without this cache and may compute results again.`)
}
