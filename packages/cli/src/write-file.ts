import { randomUUID } from 'node:crypto'
import { createReadStream, rmSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { getSystemErrorMessage } from 'node:util'
import { copyAsNewFile, makeFolder } from '@nobg/core'

/** Files on their way, to be removed should the process end before they arrive. */
const underWay = new Set<string>()

process.on('exit', () => {
  for (const part of underWay) rmSync(part, { force: true })
})

/** Copies a finished file, whole or not at all. The folder is made where it is missing. */
export function placeFile(from: string, path: string): Promise<void> {
  return writeWhole(path, part => copyAsNewFile(from, part))
}

/** Writes a file whole or not at all. The folder is made where it is missing. */
export function writeBytes(path: string, data: Uint8Array): Promise<void> {
  return writeWhole(path, part => writeFile(part, data, { flag: 'wx' }))
}

/** Not by `write-file-atomic`: on a full disk that takes a short write for a whole one (8.0.0, measured). */
async function writeWhole(path: string, write: (part: string) => Promise<void>): Promise<void> {
  const part = `${path}.${randomUUID()}.part`
  underWay.add(part)
  try {
    await makeFolder(dirname(path))
    await write(part)
    await rename(part, path)
  } catch (cause) {
    throw notWritten(path, cause as NodeJS.ErrnoException)
  } finally {
    await rm(part, { force: true }).catch(() => {})
    underWay.delete(part)
  }
}

/** Sends a finished file to stdout. */
export async function writePicture(from: string): Promise<void> {
  await pipeline(createReadStream(from), process.stdout, { end: false })
}

/** The system's reason without the part file's name, which means nothing to anybody. */
function notWritten(path: string, cause: NodeJS.ErrnoException): Error {
  const { code, errno, message } = cause
  const reason = errno === undefined ? message : getSystemErrorMessage(errno)
  return Object.assign(new Error(`Expected to write ${path}, got: ${reason}.`, { cause }), { code })
}
