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
  /** The picture; absent where it was not asked for. */
  bytes?: Uint8Array
}

/** Pictures verified by this process: path → digest and state of the file then. */
export type VerifiedFiles = Map<string, string>

/** How often a use is noted on disk: eviction needs no finer order. */
const TOUCH_EVERY_MS = 60_000

/** Files remembered as verified; beyond that the oldest is forgotten, and hashed again at its next use. */
const MAX_VERIFIED_FILES = 10_000

/** What reading an entry can meet: `undefined` stands for none, and `broken` for one that must go. */
type Inspection = VerifiedEntry | 'broken' | undefined

/**
 * Reads an entry if it is whole: length and sha256 as its sidecar says. A file that this process has verified before and
 * that has not changed since (inode, size, mtime, ctime) is not hashed again. Anything broken or expired is removed and
 * answered with `undefined`, just as an entry that never was.
 *
 * @param bytesWanted false where the path alone will do
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

/** Reads and hashes the entry of a folder, without a note of its use, and removes it where it is not whole. */
export async function verifyEntry(layout: Layout, entryDir: string): Promise<boolean> {
  const text = await readSidecar(entryDir, false)
  // Another process has removed it since it was listed.
  if (text === undefined) return true
  const { key } = (parseJson(text) ?? {}) as { key?: unknown }
  const isHere = typeof key === 'string' && entryDirOf(layout, key) === entryDir
  const inspection = isHere ? await inspect(entryDir, key, text, new Map(), false) : 'broken'
  if (inspection !== 'broken') return true
  await removeBroken(layout, entryDir, text)
  return false
}

/** Another process may have replaced the entry since: only what was judged is removed. */
async function removeBroken(layout: Layout, entryDir: string, text: string): Promise<void> {
  if ((await readSidecar(entryDir, false)) === text) await removeEntry(layout, entryDir).catch(() => {})
}

/** Text of the sidecar, and a note of its use; '' where something that is no file is in its place. */
async function readSidecar(entryDir: string, noteUse = true): Promise<string | undefined> {
  const path = join(entryDir, SIDECAR_NAME)
  return withFile(path, async (handle, stat) => {
    if (!stat.isFile()) return ''
    const now = new Date()
    const isDue = noteUse && Math.abs(now.getTime() - stat.mtimeMs) > TOUCH_EVERY_MS
    // A cache that may be read and not written is still a cache.
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

/** Opens a file for `use`; `undefined` where there is none. A few at a time: a host may ask for all its pictures at once. */
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
