import { rm } from 'node:fs/promises'
import { join } from 'node:path'

import { makeDir } from '../shared/make-dir.ts'
import { writeWhole } from '../shared/write-whole.ts'
import type { Layout } from './layout.ts'
import { addSizes, listEntries, listNames, measureEntry, mtimeOf } from './stored-entries.ts'
import { removeEntry } from './write-entry.ts'

/** Age at which the leftovers of killed processes (temporary files, locks, incomplete entries) are removed. */
const LEFTOVER_AFTER_MS = 3_600_000

/** Largest expected difference between the clocks of machines that share a store. */
const FUTURE_TOLERANCE_MS = 3_600_000

/** The maximum size of a store, and the age up to which entries are safe from eviction. */
interface EvictionLimits {
  maxBytes: number
  keepMs: number
}

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

/** Removes the least recently used entries, except those used within `keepMs`, until the headroom is free. */
async function evict(layout: Layout, { maxBytes, keepMs }: EvictionLimits): Promise<void> {
  const entries = await listEntries(layout, passOver)
  const size = addSizes(entries)
  for (const entry of entries.sort((a, b) => readAge(b.usedAtMs) - readAge(a.usedAtMs))) {
    if (size.bytes <= maxBytes * (1 - HEADROOM)) return
    // Read the time again: another process may have used the entry meanwhile.
    const { usedAtMs } = await measureEntry(entry.dir, passOver)
    if (readAge(usedAtMs) < keepMs) continue
    await removeEntry(layout, entry.dir)
    size.remove(entry)
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

/** Skips an unreadable folder, so that the rest of the store is still evicted. */
function passOver(): void {}
