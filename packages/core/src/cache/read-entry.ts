import type { Stats } from 'node:fs'
import { type FileHandle, open, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { digestBytes } from '../shared/hash.ts'
import { withOpenFile } from '../shared/open-files.ts'
import { asBytes, parseJson } from './entry.ts'
import { entryDirOf, type Layout, SIDECAR_NAME } from './layout.ts'
import { parseSidecar, type Sidecar } from './sidecar.ts'
import { codeOf, removeEntry } from './write-entry.ts'

/** An entry whose picture has been verified. */
interface VerifiedEntry {
  sidecar: Sidecar
  /** Absolute path of the picture. */
  path: string
  /** The picture's bytes; absent if they were not requested. */
  bytes?: Uint8Array
}

/** Pictures that this process has verified: path → digest and file state at that time. */
export type VerifiedFiles = Map<string, string>

/** Interval at which the use of an entry is recorded on disk. Eviction needs no finer order. */
const TOUCH_EVERY_MS = 60_000

/** Maximum number of files remembered as verified. Others are hashed again. */
const MAX_VERIFIED_FILES = 10_000

/** Result of reading an entry: `undefined` if there is none, `broken` if it must be removed. */
type Inspection = VerifiedEntry | 'broken' | undefined

/**
 * Reads an entry and verifies it against the length and sha256 in its sidecar. A file that this process has verified
 * before is hashed again only if inode, size, mtime or ctime changed. A damaged or expired entry is removed.
 *
 * @param bytesWanted whether to return the bytes
 * @returns `undefined` if the entry is missing, damaged or expired
 */
export async function readEntry(
  layout: Layout,
  key: string,
  verified: VerifiedFiles,
  bytesWanted: boolean,
): Promise<VerifiedEntry | undefined> {
  const entryDir = entryDirOf(layout, key)
  const text = await readSidecar(entryDir)
  if (text === undefined) return undefined
  const inspection = await inspect(entryDir, key, text, verified, bytesWanted)
  if (inspection !== 'broken') return inspection
  await removeBroken(layout, entryDir, text)
  return undefined
}

/** Hashes the entry in a folder without recording a use. Removes a damaged or expired entry and returns false. */
export async function verifyEntry(layout: Layout, entryDir: string): Promise<boolean> {
  const text = await readSidecar(entryDir, false)
  // Another process has removed the entry.
  if (text === undefined) return true
  const { key } = (parseJson(text) ?? {}) as { key?: unknown }
  const isHere = typeof key === 'string' && entryDirOf(layout, key) === entryDir
  const inspection = isHere ? await inspect(entryDir, key, text, new Map(), false) : 'broken'
  if (inspection !== 'broken') return true
  await removeBroken(layout, entryDir, text)
  return false
}

/** Removes an entry, unless another process has replaced it meanwhile. */
async function removeBroken(layout: Layout, entryDir: string, text: string): Promise<void> {
  if ((await readSidecar(entryDir, false)) === text) await removeEntry(layout, entryDir).catch(() => {})
}

/** Reads the sidecar and records the use. '' if its path is no regular file. */
async function readSidecar(entryDir: string, noteUse = true): Promise<string | undefined> {
  const path = join(entryDir, SIDECAR_NAME)
  return withFile(path, async (handle, stat) => {
    if (!stat.isFile()) return ''
    const now = new Date()
    const isDue = noteUse && Math.abs(now.getTime() - stat.mtimeMs) > TOUCH_EVERY_MS
    // A read-only cache works too.
    if (isDue) await utimes(path, now, now).catch(() => {})
    return handle.readFile('utf8')
  })
}

async function inspect(
  entryDir: string,
  key: string,
  text: string,
  verified: VerifiedFiles,
  bytesWanted: boolean,
): Promise<Inspection> {
  const sidecar = parseSidecar(text, key)
  if (sidecar === undefined || (sidecar.expires !== undefined && sidecar.expires <= Date.now()))
    return 'broken'
  const path = join(entryDir, sidecar.fileName)
  const inspection = await withFile(path, async (handle, stat): Promise<Inspection> => {
    if (!stat.isFile() || stat.size !== sidecar.byteLength) return 'broken'
    const state = [sidecar.sha256, stat.ino, stat.mtimeMs, stat.ctimeMs].join()
    const known = verified.get(path) === state
    if (known && !bytesWanted) return { sidecar, path }
    const bytes = asBytes(await handle.readFile())
    if (bytes.byteLength !== sidecar.byteLength) return 'broken'
    if (!known && (await digestBytes(bytes)) !== sidecar.sha256) return 'broken'
    rememberVerified(verified, path, state)
    return { sidecar, path, bytes: bytesWanted ? bytes : undefined }
  })
  return inspection ?? 'broken'
}

function rememberVerified(verified: VerifiedFiles, path: string, state: string): void {
  verified.delete(path)
  verified.set(path, state)
  if (verified.size > MAX_VERIFIED_FILES) verified.delete(verified.keys().next().value!)
}

/** Opens a file for `use`; `undefined` if it is missing. Limits the number of open files. */
function withFile<T>(
  path: string,
  use: (handle: FileHandle, stat: Stats) => Promise<T>,
): Promise<T | undefined> {
  return withOpenFile(() => openAndUse(path, use))
}

async function openAndUse<T>(
  path: string,
  use: (handle: FileHandle, stat: Stats) => Promise<T>,
): Promise<T | undefined> {
  let handle: FileHandle | undefined
  try {
    handle = await open(path, 'r')
    return await use(handle, await handle.stat())
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
    throw error
  } finally {
    await handle?.close()
  }
}
