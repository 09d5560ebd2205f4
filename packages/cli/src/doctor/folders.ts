import { constants } from 'node:fs'
import { access, readdir, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileStore } from '@nobg/core'
import { describeLock, firstLineOf, formatBytes } from '@nobg/core/internal'
import { formatPath } from '../report/format.ts'
import type { CheckResult } from './check-result.ts'

/** Free space below which a folder is reported, in bytes: the weights of a large model have 0.9 GB. */
const LEAST_SPACE = 1e9

/** A folder that nobg writes, and how to choose another one. */
export interface Folder {
  check: string
  dir: string
  hint: string
}

/** Whether a folder, or the first of its parents that exists, can be written, and how much space is left. */
export async function checkFolder({ check, dir, hint }: Folder): Promise<CheckResult> {
  const data = { dir }
  try {
    const there = await findExisting(dir)
    await access(there, constants.W_OK)
    const { bavail, bsize } = await statfs(there)
    const freeBytes = bavail * bsize
    const isShort = freeBytes < LEAST_SPACE
    return {
      check,
      status: isShort ? 'warn' : 'ok',
      text: `${formatPath(dir)}: writable, ${formatBytes(freeBytes)} free`,
      ...(isShort && { hint: `Free space on the disk. ${hint}` }),
      data: { ...data, freeBytes },
    }
  } catch (error) {
    const text = `${formatPath(dir)}: ${firstLineOf(error)}`
    return { check, status: 'fail', text, hint: `Make the folder writable. ${hint}`, data }
  }
}

/** Number and size of the entries in the cache. */
export async function checkCache(dir: string): Promise<CheckResult> {
  const stats = await fileStore({ dir }).stats()
  const text = `${stats.entries} entries, ${formatBytes(stats.bytes)}`
  return { check: 'cache', status: 'ok', text, data: { dir, ...stats } }
}

/** The locks in folders, and the processes that hold them. */
export async function checkLocks(dirs: readonly string[]): Promise<CheckResult> {
  const found = await Promise.all(dirs.map(listLocks))
  const described = found.flat().map(async path => ({ path, holder: await describeLock(path) }))
  // A lock may be released in the meantime.
  const locks = (await Promise.all(described)).filter(({ holder }) => holder)
  const text = locks.map(({ path, holder }) => `${formatPath(path)}: ${holder}`).join(', ') || 'none held'
  return { check: 'locks', status: 'ok', text, data: { locks } }
}

async function listLocks(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true }).catch(() => [])
  return entries
    .filter(entry => entry.isDirectory() && entry.name.endsWith('.lock'))
    .map(({ parentPath, name }) => join(parentPath, name))
}

async function findExisting(dir: string): Promise<string> {
  try {
    await access(dir)
    return dir
  } catch (error) {
    const parent = dirname(dir)
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === dir) throw error
    return findExisting(parent)
  }
}
