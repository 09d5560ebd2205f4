import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { open, rename, rm, stat } from 'node:fs/promises'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'

/** How a file is made whole. */
export interface WholeOptions {
  /** Whether the file is on the disk when the call resolves, so that it outlives a loss of power. Default: false. */
  flush?: boolean
  /** Folder of the temporary file, on the file system of the file. Default: the folder of the file. */
  tmpDir?: string
  /** Path of the temporary file, which no other call uses. Default: a new, short name in `tmpDir`, independent of the file's name. */
  part?: string
}

/** How a file is written. */
export interface WriteOptions extends WholeOptions {
  /** Permissions of the file; the umask is taken off. Default: 0o666. */
  mode?: number
}

/** Temporary files, removed if the process exits before they are renamed. Undefined until the first one. */
let unfinished: Set<string> | undefined

/**
 * Writes a file whole or not at all, as {@link makeWhole} does. The number of bytes that were written is checked, because a
 * full disk may take a part of a write and report no error.
 *
 * @param path the folder must exist; a file at this path is replaced.
 * @param data uint8, [byteLength], or text that is written as UTF-8.
 * @throws {Error} the system's, with its `code`; the temporary file is removed.
 */
export function writeWhole(
  path: string,
  data: Uint8Array | string,
  { mode, ...options }: WriteOptions = {},
): Promise<void> {
  return makeWhole(path, part => writeNewFile(part, data, mode), options)
}

/**
 * Makes a file whole or not at all: under a temporary name first, then renamed. A reader sees the file of before or the new
 * one. The temporary file is removed if `make` fails or the process exits.
 *
 * @param path the folder must exist; a file at this path is replaced.
 * @param make creates the file at the temporary path, and rejects unless every byte was written.
 * @throws {Error} of `make`, or the system's, with its `code`
 */
export async function makeWhole(
  path: string,
  make: (part: string) => Promise<void>,
  { flush = false, tmpDir = dirname(path), part = join(tmpDir, `.${randomUUID()}.part`) }: WholeOptions = {},
): Promise<void> {
  const parts = listUnfinished()
  parts.add(part)
  try {
    await make(part)
    if (flush) await flushPath(part, 'r+')
    await rename(part, path)
  } finally {
    // After a rename there is no such file, unless both names were links to the same file: POSIX then keeps both.
    await rm(part, { force: true }).catch(() => {})
    parts.delete(part)
  }
  // A new name is on the disk when its folder is. Windows cannot open folders, and needs no flush of them.
  if (flush && process.platform !== 'win32') await flushPath(dirname(path), 'r')
}

/**
 * Writes a file at a path at which there is no file, and checks that every byte was written.
 *
 * @throws {Error} the system's, with its `code`; a part of the file may stay
 */
export async function writeNewFile(path: string, data: Uint8Array | string, mode = 0o666): Promise<void> {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data
  const file = await open(path, 'wx', mode)
  try {
    await file.writeFile(bytes)
  } finally {
    await file.close()
  }
  await expectSize(path, bytes.byteLength)
}

/** Checks that a full disk took every byte of a file. @throws {Error} ENOSPC, or the system's */
export async function expectSize(path: string, bytes: number): Promise<void> {
  const { size } = await stat(path)
  if (size === bytes) return
  const message = `ENOSPC: no space left on device, expected ${bytes} bytes to be written, got ${size}`
  throw Object.assign(new Error(message), { code: 'ENOSPC', errno: -constants.errno.ENOSPC })
}

async function flushPath(path: string, flags: string): Promise<void> {
  const file = await open(path, flags)
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

function listUnfinished(): Set<string> {
  if (unfinished) return unfinished
  const parts = new Set<string>()
  process.on('exit', () => {
    for (const part of parts) rmSync(part, { force: true })
  })
  unfinished = parts
  return parts
}
