import { readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { makeDir } from '../shared/make-dir.ts'
import { type Layout, SIDECAR_NAME } from './layout.ts'
import { removeEntry } from './write-entry.ts'

/** After how long what a killed process left behind (temporary files, locks, half entries) is swept away. */
const LEFTOVER_AFTER_MS = 3_600_000

/** How far the clocks of machines that share a store may differ. */
const FUTURE_TOLERANCE_MS = 3_600_000

/** One entry as the walk over the store sees it. */
interface StoredEntry {
  dir: string
  /** Size of all its files. */
  bytes: number
  /** When it was last written or read, in ms since 1970, to the minute. */
  usedAtMs: number
  /** Whether it has a sidecar; one without is being written, or its writer was killed. */
  complete: boolean
}

/** How large a store may grow and what is safe from eviction. */
interface EvictionLimits {
  maxBytes: number
  keepMs: number
}

type OnUnreadable = (error: Error) => void

/** The share of `maxBytes` that may be written between two walks over the store, and that a walk makes room for. */
const HEADROOM = 1 / 16

/**
 * Returns `noteWrite(bytes)`, to be called after each write: once this process has written a sixteenth of `maxBytes`
 * since the last walk (or at its first write, if no process has walked for an hour) it walks the store, sweeps leftovers
 * and evicts the least recently used entries. One walk per sixteenth keeps the store below `maxBytes` at a cost that does
 * not grow with the number of writes.
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
    // Another process at the same work only means that some files are gone already.
    walk ??= sweepAndEvict(layout, limits)
      .catch(() => {})
      .finally(() => {
        walk = undefined
      })
    await walk
  }
}

/**
 * Every entry of the store, in no order; what other processes remove meanwhile is left out.
 *
 * @param onUnreadable hears of each folder that cannot be read; unless given, the system's error is thrown.
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

/** Removes the least recently used entries, those of the last `keepMs` excepted, until the rest leaves some headroom. */
async function evict(layout: Layout, { maxBytes, keepMs }: EvictionLimits): Promise<void> {
  const entries = await listEntries(layout, passOver)
  let totalBytes = entries.reduce((sum, entry) => sum + entry.bytes, 0)
  if (totalBytes <= maxBytes * (1 - HEADROOM)) return
  for (const { dir, bytes } of entries.sort((a, b) => readAge(b.usedAtMs) - readAge(a.usedAtMs))) {
    if (totalBytes <= maxBytes * (1 - HEADROOM)) return
    // Asked again, because another process may have taken the entry into use during the walk.
    const { usedAtMs } = await measureEntry(dir, passOver)
    if (readAge(usedAtMs) < keepMs) continue
    await removeEntry(layout, dir)
    totalBytes -= bytes
  }
}

/** Removes temporary files, locks and half entries that are too old to belong to a living process. */
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
  await makeDir(layout.root)
  await writeFile(stampOf(layout), '')
  await writeFile(join(layout.root, '.gitignore'), '*\n')
  await sweepLeftovers(layout)
  await evict(layout, limits)
}

/**
 * Time since `timeMs`, in ms. A time that lies far in the future was written by a clock that has been set back since: it says
 * nothing, and would protect a file for as long as the clock was ahead. It counts as the oldest there is.
 */
function readAge(timeMs: number): number {
  const age = Date.now() - timeMs
  return age < -FUTURE_TOLERANCE_MS ? Number.MAX_SAFE_INTEGER : age
}

async function sweptLongAgo(layout: Layout): Promise<boolean> {
  return readAge(await mtimeOf(stampOf(layout), 0)) > LEFTOVER_AFTER_MS
}

/** The empty file whose mtime says when the store was last walked. */
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
    bytes += file.size
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

/** Names in a folder; none where it does not exist or is not a folder. */
async function listNames(dir: string, onUnreadable: OnUnreadable): Promise<string[]> {
  return readdir(dir).catch(error => {
    if (!['ENOENT', 'ENOTDIR'].includes(error.code)) onUnreadable(error)
    return []
  })
}

function rethrow(error: Error): void {
  throw error
}

/** One folder that cannot be read is no reason to let the rest of the store grow. */
function passOver(): void {}

async function mtimeOf(path: string, absentMs = Date.now()): Promise<number> {
  return stat(path).then(
    file => file.mtimeMs,
    () => absentMs,
  )
}
