import { join } from 'node:path'

import { throwIfAborted } from '../shared/errors.ts'
import { withLock } from '../shared/lock.ts'
import { createSingleFlight } from '../shared/single-flight.ts'
import type { Logger } from '../shared/types.ts'
import type { CacheEntry } from './entry.ts'
import { type CacheStore, keepsFiles, openEntryStore } from './entry-store.ts'
import type { CachedFile } from './file-store.ts'
import { lockNameOf } from './layout.ts'
import { isTiered } from './tiered-store.ts'

/** What a cache is made with. */
export interface CacheOptions {
  /** Keeps the entries of several caches in one store apart; lower-case, becomes a folder's name. */
  namespace: string
  store: CacheStore
  /** Hears once, of the first failure of a store. */
  logger: Logger
  /** Folder for the locks between processes; a store of files brings its own, others have none by default. */
  lockDir?: string
}

/** Makes an entry that is missing; the signal fires when nobody waits for it any more. */
type CreateEntry = (signal: AbortSignal) => Promise<CacheEntry>

/** What `getOrCreate` found or made. */
export interface CacheResult {
  entry: CacheEntry
  /** Whether the entry had been there, or another process made it meanwhile: `create` did not run. */
  cached: boolean
  /** Absolute path of the entry's file; absent where the store keeps no files, or could not keep this one. */
  path?: string
}

/** One namespace of a store. No method rejects because the store is broken: a broken store is an empty one. */
export interface Cache {
  /** The entry of this key, whole and verified, or `undefined`. */
  get(key: string): Promise<CacheEntry | undefined>
  /**
   * The entry of this key without its bytes, for those who need its path only; hashed at most once per process.
   * `undefined` if there is none, and where the store keeps no files.
   */
  find(key: string): Promise<CachedFile | undefined>
  /**
   * The entry of this key, made by `create` if it is missing: once for all who ask in this process and in every process
   * with the same store of files (or `lockDir`). Its error reaches all of them and is not kept.
   *
   * @throws {NobgError} ABORTED when `signal` fires first
   */
  getOrCreate(key: string, create: CreateEntry, options?: { signal?: AbortSignal }): Promise<CacheResult>
  /** The path that the file of this key will have; present where the store keeps files. Touches nothing. */
  pathOf?(key: string, fileName: string): string
  /** Ends the store's connections, which would keep the process alive. */
  close(): Promise<void>
}

/** Work under way, over all caches of this process. */
const joinSingleFlight = createSingleFlight<CacheResult>()

/**
 * Creates a cache over a store. Nothing is read or written yet.
 *
 * @throws {NobgError} INVALID_OPTION if Keyv cannot drive the store
 */
export function createCache({ namespace, store, logger, lockDir }: CacheOptions): Cache {
  const files = keepsFiles(store) ? store : undefined
  const tiered = files && isTiered(files) ? files : undefined
  const onError = (error: unknown) => warnOnce(tiered?.local ?? store, error, logger)
  tiered?.onTierError((error, tier) => warnOnce(tier, error, logger))
  const entries = openEntryStore(store, onError)
  const locks = lockDir ?? files?.lockDir
  const keyOf = (key: string) => `${namespace}:${key}`
  const pathOf = files && ((key: string, fileName: string) => files.pathOf(keyOf(key), fileName))

  async function readResult(key: string): Promise<CacheResult | undefined> {
    const entry = await entries.read(keyOf(key))
    if (!entry || !pathOf) return entry && { entry, cached: true }
    // An entry of the shared tier is on disk as well, unless the disk is full.
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
      const fly = async (flightSignal: AbortSignal): Promise<CacheResult> => {
        const make = () => createEntry(key, create, flightSignal)
        const found = await readResult(key)
        if (found || !locks) return found ?? make()
        // Whoever held the lock before has most likely made the entry.
        const lookAgain = async () => (await readResult(key)) ?? make()
        return withLock(join(locks, lockNameOf(keyOf(key))), lookAgain, {
          subject: `the same picture (${namespace})`,
          signal: flightSignal,
          onError,
          logger,
        })
      }
      return joinSingleFlight(`${identityOf(store)}\n${keyOf(key)}`, fly, signal)
    },
    pathOf,
    close: () => entries.close(),
  }
}

/** What two caches have in common if they share their work: the folder of a file store, the object of any other. */
function identityOf(store: CacheStore): string {
  if (keepsFiles(store)) return store.dir
  const identity = identities.get(store) ?? `store ${++identityCount}`
  identities.set(store, identity)
  return identity
}

const identities = new WeakMap<object, string>()
let identityCount = 0

/** Stores of which a failure has been told. */
const warned = new WeakSet<object>()

function warnOnce(failed: object, error: unknown, logger: Logger): void {
  if (warned.has(failed)) return
  warned.add(failed)
  const name = 'dir' in failed ? `The cache in ${failed.dir}` : 'The shared cache'
  const reason = error instanceof Error ? error.message : String(error)
  logger.warn(`${name} fails (${reason}); going on without it, so results may be computed again.`)
}
