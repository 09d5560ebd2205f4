import { join } from 'node:path'
import type { Storage } from 'unstorage'
import type { StreamedStorage } from './content.ts'
import { openFolder } from './open-folder.ts'

/** Where the files of a server or worker are stored. */
export interface FileStorage extends StreamedStorage {
  /** Whether expired files must be removed from here. Redis removes them itself, a bucket by its lifecycle rule. */
  needsSweeping: boolean
  close(): Promise<void>
}

/**
 * Opens the storage that a config names: the user's object, a shared storage by its address, the queue's Redis, or a
 * folder of `dataDir`.
 *
 * @throws {NobgError} INVALID_OPTION
 */
export async function openFiles(
  { storage, redis, dataDir }: { storage?: Storage | string; redis?: string; dataDir: string },
  onError: (error: unknown) => void,
): Promise<FileStorage> {
  if (typeof storage === 'object') return { storage, needsSweeping: true, close: async () => {} }
  const address = storage ?? redis
  const opened = address ? await openShared(address, onError) : await openFolder(join(dataDir, 'files'))
  return { ...opened, needsSweeping: !address, close: () => opened.storage.dispose() }
}

/** Loaded on demand: a server on one machine needs no client of Redis or S3. */
async function openShared(address: string, onError: (error: unknown) => void): Promise<StreamedStorage> {
  const { openSharedStorage } = await import('./open-shared-storage.ts')
  return openSharedStorage(address, onError)
}
