import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Closers } from './closers.ts'
import type { ResolvedServerConfig } from './config.ts'
import { createStoredBytes } from './files/stored-bytes.ts'
import { createTokenFileStore, type TokenFileStore } from './files/token-file-store.ts'
import { createUploads, type Uploads } from './files/uploads.ts'
import { quieten } from './operations/quieten.ts'
import { loadRedis } from './redis/load-redis.ts'
import type { SharedRedis } from './redis/open-shared-redis.ts'
import { openFiles } from './storage/open-files.ts'
import { createKeyFile, openSigningKey, type SigningKey } from './webhooks/signing-key.ts'

/** Files and keys, which outlive a request. */
export interface Stores {
  /** Set if the queue is shared by several machines. */
  shared?: SharedRedis
  fileStore: TokenFileStore
  uploads: Uploads
  signingKey: SigningKey
  /** Whether there is space for files, also for those of results. */
  hasRoom(): boolean
  /** Whether files are stored and read in pieces. */
  isStreamed: boolean
}

const SWEEP_MS = 60_000

/** @throws {NobgError} INVALID_OPTION */
export async function openStores(
  config: ResolvedServerConfig,
  closers: Closers,
  onError: (error: unknown) => void,
): Promise<Stores> {
  const { dataDir, redis, maxUploadBytes, maxStoredBytes } = config
  const onLoss = quieten(onError)
  // It will hold people's photographs.
  if (!redis) await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const shared = redis === undefined ? undefined : await openShared(redis, onLoss)
  if (shared) closers.add(shared.close)
  const files = await openFiles(config, onLoss)
  closers.add(files.close)
  const stored = createStoredBytes()
  // Files that are not swept here would be counted for ever.
  const fileStore = createTokenFileStore(files, files.needsSweeping ? stored : undefined)
  const limits = { maxUploadBytes, maxStoredBytes: files.needsSweeping ? maxStoredBytes : Infinity }
  const uploads = createUploads(files, fileStore, limits, stored)
  // Not in the storage of files, which others may read, such as a bucket.
  const signingKey = await openSigningKey(shared?.keys ?? createKeyFile(join(dataDir, 'webhook-key.pem')))
  if (files.needsSweeping) await sweepRegularly([fileStore, uploads], closers, onError)
  const hasRoom = () => stored.total() < limits.maxStoredBytes
  return { shared, fileStore, uploads, signingKey, hasRoom, isStreamed: files.streams !== undefined }
}

/** Loaded on demand: the clients of Redis take 7 MB of heap. */
async function openShared(url: string, onLoss: (error: unknown) => void): Promise<SharedRedis> {
  const { openSharedRedis } = await loadRedis('redis', () => import('./redis/open-shared-redis.ts'))
  return openSharedRedis(url, onLoss)
}

/** Sweeps now and each minute. Resolves after the first time: the files of the last process count from the first request on. */
async function sweepRegularly(
  some: readonly { sweep(): Promise<void> }[],
  closers: Closers,
  onError: (error: unknown) => void,
): Promise<void> {
  const sweep = () => Promise.all(some.map(one => one.sweep())).catch(onError)
  await sweep()
  const sweeper = setInterval(sweep, SWEEP_MS).unref()
  closers.add(() => clearInterval(sweeper))
}
