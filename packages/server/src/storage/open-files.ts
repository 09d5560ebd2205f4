import { readdir, rm, stat } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { makeDir, writeWhole } from '@nobg/core/internal'
import { createStorage, type Storage } from 'unstorage'
import fsDriver from 'unstorage/drivers/fs'

/** Where the files of a server or worker are stored. */
export interface FileStorage {
  storage: Storage
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
  return { storage: opened, needsSweeping: !address, close: () => opened.dispose() }
}

/** A write that takes longer has been left by a killed process. */
const STALE_MS = 3_600_000

/**
 * unstorage's driver for folders, with writes that are whole or not at all: on a full disk its own leaves truncated
 * labels and parts, which would be read as whole.
 */
async function openFolder(base: string): Promise<Storage> {
  const driver = fsDriver({ base })
  // Not in the folder of the file: a sweep removes every file there as expired.
  const tmpDir = join(base, 'tmp')
  await removeStale(tmpDir)
  async function write(key: string, data: Uint8Array | string): Promise<void> {
    const path = join(base, ...key.split(':'))
    await makeDir(dirname(path))
    await makeDir(tmpDir)
    await writeWhole(path, data, { tmpDir })
  }
  /** The driver's own lists all folders for each prefix. */
  async function getKeys(prefix = ''): Promise<string[]> {
    const folder = join(base, ...prefix.split(':'))
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(error => {
      if (error.code === 'ENOENT') return []
      throw error
    })
    const files = entries.filter(entry => entry.isFile())
    return files.map(({ parentPath, name }) => relative(base, join(parentPath, name)).replaceAll(sep, ':'))
  }
  return createStorage({ driver: { ...driver, getKeys, setItem: write, setItemRaw: write } })
}

async function removeStale(tmpDir: string): Promise<void> {
  const before = Date.now() - STALE_MS
  for (const name of await readdir(tmpDir).catch(() => [])) {
    const path = join(tmpDir, name)
    const isStale = await stat(path).then(
      ({ mtimeMs }) => mtimeMs < before,
      () => false,
    )
    if (isStale) await rm(path, { force: true })
  }
}

/** Loaded on demand: a server on one machine needs no client of Redis or S3. */
async function openShared(address: string, onError: (error: unknown) => void): Promise<Storage> {
  const { openSharedStorage } = await import('./open-shared-storage.ts')
  return openSharedStorage(address, onError)
}
