import { randomUUID } from 'node:crypto'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

import { makeDir } from '../shared/make-dir.ts'
import { withOpenFile } from '../shared/open-files.ts'
import { writeWhole } from '../shared/write-whole.ts'
import type { CacheEntry } from './entry.ts'
import { entryDirOf, type Layout, SIDECAR_NAME } from './layout.ts'
import { describeEntry } from './sidecar.ts'

/** Attempts to write an entry while other processes remove it. */
const MAX_ATTEMPTS = 20

/**
 * Writes an entry: the picture first, its sidecar last, each under a temporary name and then renamed, so that a reader,
 * or a process that comes after one that was killed, sees the whole entry or none. Nothing is flushed to the disk: what
 * a power cut leaves behind fails verification and is created anew.
 *
 * @returns bytes written
 */
export async function writeEntry(
  layout: Layout,
  key: string,
  entry: CacheEntry,
  expires?: number,
): Promise<number> {
  const sidecar = await describeEntry(key, entry, expires)
  const entryDir = entryDirOf(layout, key)
  const sidecarText = `${JSON.stringify(sidecar, null, 2)}\n`
  await withFreeEntryDir(layout, entryDir, async () => {
    await makeDir(entryDir)
    // A picture must not be judged by the sidecar of the one that it replaces.
    await rm(join(entryDir, SIDECAR_NAME), { force: true })
    await placeFile(layout, join(entryDir, sidecar.fileName), entry.bytes)
    await placeFile(layout, join(entryDir, SIDECAR_NAME), sidecarText)
  })
  return sidecar.byteLength + sidecarText.length
}

/** Removes an entry in one step for every reader: its folder is renamed away, and then emptied at leisure. */
export async function removeEntry({ tmpDir }: Layout, entryDir: string): Promise<void> {
  const doomed = join(tmpDir, randomUUID())
  await makeDir(tmpDir)
  try {
    await rename(entryDir, doomed)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return
    // Windows refuses to rename a folder of which any program holds a file open.
    await rm(entryDir, { recursive: true, force: true, maxRetries: 3 })
  }
  await rm(doomed, { recursive: true, force: true, maxRetries: 3 })
}

/** `code` of a system error, or `undefined`. */
export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code
}

async function placeFile({ tmpDir }: Layout, path: string, data: Uint8Array | string): Promise<void> {
  await makeDir(tmpDir)
  await withOpenFile(() => writeWhole(path, data, { tmpDir }))
}

/** Runs `write`, again where another process took the folder away or something that is no file stood in its way. */
async function withFreeEntryDir(layout: Layout, entryDir: string, write: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await write()
    } catch (error) {
      const code = codeOf(error) ?? ''
      const blocked = ['EISDIR', 'ENOTDIR', 'EEXIST', 'ENOTEMPTY', 'EPERM', 'ERR_FS_EISDIR'].includes(code)
      if (attempt === MAX_ATTEMPTS || !(blocked || code === 'ENOENT')) throw error
      if (blocked) await removeEntry(layout, entryDir).catch(() => {})
    }
  }
}
