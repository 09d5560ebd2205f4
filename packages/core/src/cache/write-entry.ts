import { randomUUID } from 'node:crypto'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

import { makeDir } from '../shared/make-dir.ts'
import { withOpenFile } from '../shared/open-files.ts'
import { writeWhole } from '../shared/write-whole.ts'
import type { CacheEntry } from './entry.ts'
import { entryDirOf, type Layout, SIDECAR_NAME } from './layout.ts'
import { describeEntry } from './sidecar.ts'

/** Maximum number of attempts to write an entry that other processes remove at the same time. */
const MAX_ATTEMPTS = 20

/** A folder is at the path of a file, or a file at the path of a folder. */
const BLOCKED_CODES = ['EISDIR', 'ENOTDIR', 'EEXIST', 'ENOTEMPTY', 'EPERM', 'ERR_FS_EISDIR']

/**
 * Writes an entry: first the picture, then its sidecar, each under a temporary name that is then renamed. So a reader
 * sees the whole entry or none. Nothing is flushed to disk: an entry that a power failure damaged fails verification.
 *
 * @returns number of bytes written
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
    // Otherwise the new picture could be verified against the old sidecar.
    await rm(join(entryDir, SIDECAR_NAME), { force: true })
    await placeFile(layout, join(entryDir, sidecar.fileName), entry.bytes)
    await placeFile(layout, join(entryDir, SIDECAR_NAME), sidecarText)
  })
  return sidecar.byteLength + sidecarText.length
}

/** Removes an entry atomically: renames its folder, then deletes it. */
export async function removeEntry({ tmpDir }: Layout, entryDir: string): Promise<void> {
  const removed = join(tmpDir, randomUUID())
  await makeDir(tmpDir)
  try {
    await rename(entryDir, removed)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return
    // Windows does not rename a folder while a program has one of its files open.
    await rm(entryDir, { recursive: true, force: true, maxRetries: 3 })
  }
  await rm(removed, { recursive: true, force: true, maxRetries: 3 })
}

/** Returns the `code` of a system error, or `undefined`. */
export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code
}

async function placeFile({ tmpDir }: Layout, path: string, data: Uint8Array | string): Promise<void> {
  await makeDir(tmpDir)
  await withOpenFile(() => writeWhole(path, data, { tmpDir }))
}

/** Runs `write`. Repeats it if another process removed the folder, or after removing a folder at a file's path. */
export async function withFreeEntryDir<Value>(
  layout: Layout,
  entryDir: string,
  write: () => Promise<Value>,
): Promise<Value> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await write()
    } catch (error) {
      if (attempt === MAX_ATTEMPTS) throw error
      if (codeOf(error) === 'ENOENT') continue
      if (!isBlocked(error, entryDir)) throw error
      await removeEntry(layout, entryDir).catch(() => {
        throw error
      })
    }
  }
}

/** Whether something in the folder of the entry is in the way. An error at another path would occur again. */
function isBlocked(error: unknown, entryDir: string): boolean {
  const { code = '', path = '', dest = path } = error as NodeJS.ErrnoException & { dest?: string }
  return BLOCKED_CODES.includes(code) && dest.startsWith(entryDir)
}
