import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { getSystemErrorMessage } from 'node:util'
import { makeDir, writeWhole } from '@nobg/core/internal'
import { markBytes } from './mark.ts'
import { writeStream } from './streams.ts'

/** Copies a picture, with the mark, whole or not at all. Creates missing folders. @returns number of bytes written */
export async function writePicture(from: string, path: string): Promise<number> {
  const data = await readPicture(from, path)
  await writeBytes(path, data)
  return data.byteLength
}

/** Writes a picture, with the mark, to an open file, a named pipe or a device. @returns number of bytes written */
export async function sendPicture(from: string, path: string, signal: AbortSignal): Promise<number> {
  const data = await readPicture(from, path)
  await sendBytes(path, data, signal)
  return data.byteLength
}

/** Writes to an open file, a named pipe or a device. */
export async function sendBytes(path: string, data: Uint8Array, signal: AbortSignal): Promise<void> {
  await writeStream(path, data, signal).catch(cause => {
    // bin.ts ends the program without a message if the reader of stdout leaves.
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
 * Writes a file whole or not at all. Creates missing folders.
 *
 * @throws {Error} with the `code` of the system's error
 */
export async function writeBytes(path: string, data: Uint8Array): Promise<void> {
  try {
    await makeDir(dirname(path))
    await writeWhole(path, data)
  } catch (cause) {
    throw notWritten(path, cause as NodeJS.ErrnoException)
  }
}

/** The system's error without the name of the temporary file. */
function notWritten(path: string, cause: NodeJS.ErrnoException): Error {
  const { code, errno, message } = cause
  const reason = errno === undefined ? message : getSystemErrorMessage(errno)
  return Object.assign(new Error(`Expected to write ${path}, got: ${reason}.`, { cause }), { code })
}
