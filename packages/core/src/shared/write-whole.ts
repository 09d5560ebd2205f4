import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** How a file is written. */
export interface WriteOptions {
  /** Permissions of the file; the umask is taken off. Default: 0o666. */
  mode?: number
  /** Whether the file is on the disk when the call resolves, so that it outlives a loss of power. Default: false. */
  flush?: boolean
  /** Folder of the temporary file, on the file system of `path`. Default: the folder of `path`. */
  tmpDir?: string
}

/**
 * Writes a file whole or not at all: under a temporary name first, which is short and independent of `path`, then renamed.
 * A reader gets the old file or the whole new file. The number of bytes that were written is checked, because a full disk
 * may take a part of a write and report no error.
 *
 * @param path the folder must exist; a file at this path is replaced.
 * @param data uint8, [byteLength], or text that is written as UTF-8.
 * @throws {Error} the system's, with its `code`; the temporary file is removed.
 */
export async function writeWhole(
  path: string,
  data: Uint8Array | string,
  { mode = 0o666, flush = false, tmpDir = dirname(path) }: WriteOptions = {},
): Promise<void> {
  const part = join(tmpDir, `.${randomUUID()}.part`)
  try {
    await writePart(part, typeof data === 'string' ? Buffer.from(data) : data, mode, flush)
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true }).catch(() => {})
    throw error
  }
  if (flush) await flushFolder(dirname(path))
}

async function writePart(part: string, bytes: Uint8Array, mode: number, flush: boolean): Promise<void> {
  const file = await open(part, 'wx', mode)
  try {
    await file.writeFile(bytes)
    if (flush) await file.sync()
    const { size } = await file.stat()
    if (size === bytes.byteLength) return
    const message = `Expected ${bytes.byteLength} bytes to be written, got ${size}: the disk may be full.`
    throw Object.assign(new Error(message), { code: 'ENOSPC' })
  } finally {
    await file.close()
  }
}

/** A new name is on the disk when its folder is. Windows cannot open folders, and needs no flush of them. */
async function flushFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
