import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { makeDir } from '../shared/make-dir.ts'
import { writeWhole } from '../shared/write-whole.ts'
import { type Layout, SIDECAR_NAME } from './layout.ts'
import { removeEntry } from './write-entry.ts'

/** Age at which the leftovers of killed processes (temporary files, locks, incomplete entries) are removed. */
const LEFTOVER_AFTER_MS = 3_600_000

/** Largest expected difference between the clocks of machines that share a store. */
const FUTURE_TOLERANCE_MS = 3_600_000

/** An entry on disk. */
interface StoredEntry {
  dir: string
  /** Size of all its files; a file that several entries share counts in parts. */
  bytes: number
  /** Time of the last write or read, ms since 1970, to the minute. */
  usedAtMs: number
  /** Whether it has a sidecar. If not, it is being written, or its writer was killed. */
  complete: boolean
}

/** The maximum size of a store, and the age up to which entries are safe from eviction. */
interface EvictionLimits {
  maxBytes: number
  keepMs: number
}

type OnUnreadable = (error: Error) => void

/** The share of `maxBytes` that a process may write before it evicts, and that an eviction frees. */
const HEADROOM = 1 / 16

/**
 * Returns a function to be called with the number of bytes after each write. It removes leftovers and evicts the least
 * recently used entries if this process has written a sixteenth of `maxBytes` since its last eviction, or at its first
 * write if no process has done so for an hour. So the cost per write does not grow with the number of entries.
 */
export function createEviction(layout: Layout, limits: EvictionLimits): (bytes: number) => Promise<void> {
  let writtenBytes = 0
  let firstWrite = true
  let walk: Promise<void> | undefined
  return async bytes => {
    writtenBytes += bytes
    const due = writtenBytes > limits.maxBytes * HEADROOM || (firstWrite && (await sweptLongAgo(layout)))
    firstWrite = false
    if (!due) return
    writtenBytes = 0
    // Two processes may evict at the same time: the second finds some files already removed.
    walk ??= sweepAndEvict(layout, limits)
      .catch(() => {})
      .finally(() => {
        walk = undefined
      })
    await walk
  }
}

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

/** Removes the least recently used entries, except those used within `keepMs`, until the headroom is free. */
async function evict(layout: Layout, { maxBytes, keepMs }: EvictionLimits): Promise<void> {
  const entries = await listEntries(layout, passOver)
  let totalBytes = entries.reduce((sum, entry) => sum + entry.bytes, 0)
  if (totalBytes <= maxBytes * (1 - HEADROOM)) return
  for (const { dir, bytes } of entries.sort((a, b) => readAge(b.usedAtMs) - readAge(a.usedAtMs))) {
    if (totalBytes <= maxBytes * (1 - HEADROOM)) return
    // Read the time again: another process may have used the entry meanwhile.
    const { usedAtMs } = await measureEntry(dir, passOver)
    if (readAge(usedAtMs) < keepMs) continue
    await removeEntry(layout, dir)
    totalBytes -= bytes
  }
}

/** Removes temporary files, locks and incomplete entries that are too old to belong to a running process. */
async function sweepLeftovers(layout: Layout): Promise<void> {
  for (const dir of [layout.tmpDir, layout.lockDir]) {
    for (const name of await listNames(dir, passOver)) {
      const path = join(dir, name)
      if (readAge(await mtimeOf(path)) > LEFTOVER_AFTER_MS) await rm(path, { recursive: true, force: true })
    }
  }
  for (const { dir, complete, usedAtMs } of await listEntries(layout, passOver)) {
    if (!complete && readAge(usedAtMs) > LEFTOVER_AFTER_MS) await removeEntry(layout, dir)
  }
}

async function sweepAndEvict(layout: Layout, limits: EvictionLimits): Promise<void> {
  // A full disk may have no room for these files, and needs the eviction all the more.
  await markSwept(layout).catch(() => {})
  await sweepLeftovers(layout)
  await evict(layout, limits)
}

async function markSwept(layout: Layout): Promise<void> {
  const { root, tmpDir } = layout
  await makeDir(tmpDir)
  await writeWhole(stampOf(layout), '', { tmpDir })
  await writeWhole(join(root, '.gitignore'), '*\n', { tmpDir })
}

/**
 * Age of a time, ms. A time far in the future is from a clock that was set back later. Such an entry counts as the oldest,
 * because it would otherwise protect a file until the clock has caught up.
 */
function readAge(timeMs: number): number {
  const age = Date.now() - timeMs
  return age < -FUTURE_TOLERANCE_MS ? Number.MAX_SAFE_INTEGER : age
}

async function sweptLongAgo(layout: Layout): Promise<boolean> {
  return readAge(await mtimeOf(stampOf(layout), 0)) > LEFTOVER_AFTER_MS
}

/** The empty file whose mtime is the time of the last eviction. */
function stampOf({ root }: Layout): string {
  return join(root, '.swept')
}

async function measureEntry(dir: string, onUnreadable: OnUnreadable): Promise<StoredEntry> {
  let bytes = 0
  let newestMs = 0
  let sidecarMs: number | undefined
  for (const name of await listNames(dir, onUnreadable)) {
    const file = await stat(join(dir, name)).catch(() => undefined)
    if (file === undefined) continue
    // Two entries may share a file.
    bytes += Math.ceil(file.size / Math.max(1, file.nlink))
    newestMs = Math.max(newestMs, file.mtimeMs)
    if (name === SIDECAR_NAME) sidecarMs = file.mtimeMs
  }
  return {
    dir,
    bytes,
    usedAtMs: sidecarMs ?? (newestMs || (await mtimeOf(dir))),
    complete: sidecarMs !== undefined,
  }
}

/** Lists the names in a folder; none if it does not exist or is no folder. */
async function listNames(dir: string, onUnreadable: OnUnreadable): Promise<string[]> {
  return readdir(dir).catch(error => {
    if (!['ENOENT', 'ENOTDIR'].includes(error.code)) onUnreadable(error)
    return []
  })
}

function rethrow(error: Error): void {
  throw error
}

/** Skips an unreadable folder, so that the rest of the store is still evicted. */
function passOver(): void {}

async function mtimeOf(path: string, absentMs = Date.now()): Promise<number> {
  return stat(path).then(
    file => file.mtimeMs,
    () => absentMs,
  )
}
