import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { getSystemErrorMessage } from 'node:util'
import { makeDir } from '@nobg/core/internal'
import { markBytes } from './mark.ts'
import { writeStream } from './streams.ts'

/** Files on their way, to be removed should the process end before they arrive. */
const underWay = new Set<string>()

process.on('exit', () => {
  for (const part of underWay) rmSync(part, { force: true })
})

/** Copies a finished picture, with the mark, whole or not at all. The folder is made where it is missing. @returns bytes written */
export async function placeFile(from: string, path: string): Promise<number> {
  const data = await readPicture(from, path)
  await writeBytes(path, data)
  return data.byteLength
}

/** Sends a finished picture, with the mark, to an open file, a named pipe or a device. @returns bytes written */
export async function sendFile(from: string, path: string, signal: AbortSignal): Promise<number> {
  const data = await readPicture(from, path)
  await sendBytes(path, data, signal)
  return data.byteLength
}

/** Writes to an open file, a named pipe or a device. */
export async function sendBytes(path: string, data: Uint8Array, signal: AbortSignal): Promise<void> {
  await writeStream(path, data, signal).catch(cause => {
    // A reader who leaves stdout ends the program, and hears no word.
    throw signal.aborted ? cause : notWritten(path, cause)
  })
}

async function readPicture(from: string, path: string): Promise<Uint8Array> {
  return markBytes(
    await readFile(from).catch(cause => {
      throw notWritten(path, cause)
    }),
  )
}

/**
 * Writes a file whole or not at all. The folder is made where it is missing. The temporary name is short, whatever the
 * file's own. Not by `write-file-atomic`: on a full disk that takes a short write for a whole one (8.0.0, measured).
 */
export async function writeBytes(path: string, data: Uint8Array): Promise<void> {
  const part = join(dirname(path), `.${randomUUID()}.part`)
  underWay.add(part)
  try {
    await makeDir(dirname(path))
    await writeFile(part, data, { flag: 'wx' })
    await rename(part, path)
  } catch (cause) {
    throw notWritten(path, cause as NodeJS.ErrnoException)
  } finally {
    await rm(part, { force: true }).catch(() => {})
    underWay.delete(part)
  }
}

/** The system's reason without the part file's name, which means nothing to anybody. */
function notWritten(path: string, cause: NodeJS.ErrnoException): Error {
  const { code, errno, message } = cause
  const reason = errno === undefined ? message : getSystemErrorMessage(errno)
  return Object.assign(new Error(`Expected to write ${path}, got: ${reason}.`, { cause }), { code })
}
