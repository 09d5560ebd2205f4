import { join } from 'node:path'
import { createStorage, type Storage } from 'unstorage'
import fsDriver from 'unstorage/drivers/fs'

/** Where the files of a server or worker lie. */
export interface FilePlace {
  storage: Storage
  /** Whether somebody has to look for what has expired: Redis does so itself, a bucket by a rule of its own. */
  needsSweeping: boolean
  close(): Promise<void>
}

/** Opens what a config says: a store of the user's, the address of one, the queue's Redis, or else a folder. @throws {NobgError} INVALID_OPTION */
export async function openFiles(
  { storage, redis, dataDir }: { storage?: Storage | string; redis?: string; dataDir: string },
  onError: (error: unknown) => void,
): Promise<FilePlace> {
  if (typeof storage === 'object') return { storage, needsSweeping: true, close: async () => {} }
  const address = storage ?? redis
  const opened = address ? await openShared(address, onError) : openFolder(join(dataDir, 'files'))
  return { storage: opened, needsSweeping: !address, close: () => opened.dispose() }
}

function openFolder(base: string): Storage {
  return createStorage({ driver: fsDriver({ base }) })
}

/** What one machine alone never loads: clients of Redis and S3. */
async function openShared(address: string, onError: (error: unknown) => void): Promise<Storage> {
  const { openSharedStorage } = await import('./shared-storage.ts')
  return openSharedStorage(address, onError)
}
