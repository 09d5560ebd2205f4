import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { type Layout, SIDECAR_NAME } from './layout.ts'

/** A file of an entry. */
interface StoredFile {
  bytes: number
  /** Device and inode of a file that has several names. Absent if the file has one name, or if the system tells no inode. */
  inode?: string
}

/** An entry on disk. */
export interface StoredEntry {
  dir: string
  files: StoredFile[]
  /** Time of the last write or read, ms since 1970, to the minute. */
  usedAtMs: number
  /** Whether it has a sidecar. If not, it is being written, or its writer was killed. */
  complete: boolean
}

type OnUnreadable = (error: Error) => void

/**
 * Lists all entries of the store, unsorted. Skips entries that other processes remove meanwhile.
 *
 * @param onUnreadable called for each folder that cannot be read; by default the system's error is thrown
 */
export async function listEntries(
  { root }: Layout,
  onUnreadable: OnUnreadable = rethrow,
): Promise<StoredEntry[]> {
  const entries: StoredEntry[] = []
  for (const namespace of await listNames(root, onUnreadable)) {
    if (namespace === 'tmp' || namespace === 'locks' || namespace.startsWith('.')) continue
    for (const id of await listNames(join(root, namespace), onUnreadable)) {
      entries.push(await measureEntry(join(root, namespace, id), onUnreadable))
    }
  }
  return entries
}

/** Size of a set of entries. A file that several of them share counts once. */
interface Size {
  readonly bytes: number
  /** Takes an entry out of the set. A shared file counts until its last entry is taken out. */
  remove(entry: StoredEntry): void
}

/** Adds up the sizes of entries. */
export function addSizes(entries: readonly StoredEntry[]): Size {
  /** Number of entries per shared file. */
  const holders = new Map<string, number>()
  let total = 0
  const change = ({ files }: StoredEntry, by: 1 | -1) => {
    for (const { bytes, inode } of files) {
      if (inode !== undefined) {
        const count = (holders.get(inode) ?? 0) + by
        holders.set(inode, count)
        if (count !== (by === 1 ? 1 : 0)) continue
      }
      total += by * bytes
    }
  }
  for (const entry of entries) change(entry, 1)
  return {
    get bytes() {
      return total
    },
    remove: entry => change(entry, -1),
  }
}

/** Reads the sizes and times of an entry's files. */
export async function measureEntry(dir: string, onUnreadable: OnUnreadable): Promise<StoredEntry> {
  const files: StoredFile[] = []
  let newestMs = 0
  let sidecarMs: number | undefined
  for (const name of await listNames(dir, onUnreadable)) {
    // `bigint`, because a number rounds the inodes of Windows.
    const file = await stat(join(dir, name), { bigint: true }).catch(() => undefined)
    if (file === undefined) continue
    const isShared = file.nlink > 1n && file.ino !== 0n
    files.push({ bytes: Number(file.size), ...(isShared && { inode: `${file.dev}:${file.ino}` }) })
    const mtimeMs = Number(file.mtimeMs)
    newestMs = Math.max(newestMs, mtimeMs)
    if (name === SIDECAR_NAME) sidecarMs = mtimeMs
  }
  return {
    dir,
    files,
    usedAtMs: sidecarMs ?? (newestMs || (await mtimeOf(dir))),
    complete: sidecarMs !== undefined,
  }
}

/** Lists the names in a folder; none if it does not exist or is no folder. */
export async function listNames(dir: string, onUnreadable: OnUnreadable): Promise<string[]> {
  return readdir(dir).catch(error => {
    if (!['ENOENT', 'ENOTDIR'].includes(error.code)) onUnreadable(error)
    return []
  })
}

/** The time at which a file was last written, ms since 1970; `absentMs` if there is none. */
export async function mtimeOf(path: string, absentMs = Date.now()): Promise<number> {
  return stat(path).then(
    file => file.mtimeMs,
    () => absentMs,
  )
}

function rethrow(error: Error): void {
  throw error
}
