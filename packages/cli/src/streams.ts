import {
  constants,
  createReadStream,
  createWriteStream,
  fstatSync,
  openSync,
  type Stats,
  statSync,
} from 'node:fs'
import { Socket } from 'node:net'
import { resolve } from 'node:path'
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'

const STANDARD = new Map([
  ['/dev/stdin', 0],
  ['/dev/stdout', 1],
  ['/dev/stderr', 2],
])

/** Interval of the checks whether a named pipe has a reader. */
const CHECK_INTERVAL_MS = 50

/** Returns the file descriptor of a path: 63 for `/dev/fd/63`, to which a shell expands `<(…)`. */
export function descriptorOf(path: string): number | undefined {
  const number = /^\/(?:dev|proc\/self)\/fd\/(\d+)$/.exec(path)?.[1]
  return number === undefined ? STANDARD.get(path) : Number(number)
}

/** Whether a path leads to an open file, a named pipe or a device: it cannot be replaced or read twice. */
export function isStreamPath(path: string): boolean {
  if (descriptorOf(resolve(path)) !== undefined) return true
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats !== undefined && !stats.isFile() && !stats.isDirectory()
}

/** Opens a path for which {@link isStreamPath} is true. @throws {Error} the system's, with its `code` */
export function openInput(path: string): Readable {
  const fd = descriptorOf(path)
  if (fd === 0) return process.stdin
  const open = () => fd ?? openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  // A file stream that waits for a writer would block one of the threads that all files share; a socket does not.
  if (isPipe(fd === undefined ? statSync(path) : fstatSync(fd)))
    return new Socket({ fd: open(), readable: true, writable: false })
  return createReadStream(path, fd === undefined ? {} : { fd, autoClose: false })
}

/**
 * Writes to an open file, a named pipe or a device. Waits until a named pipe has a reader.
 *
 * @throws {Error} the system's, with its `code`: EPIPE if the reader has left
 */
export async function writeStream(path: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  const fd = descriptorOf(path)
  // stdout and stderr stay open: other lines may follow.
  if (fd === 1) return send(bytes, process.stdout, false)
  if (fd === 2) return send(bytes, process.stderr, false)
  const isOwn = fd === undefined
  const isOfPipe = isPipe(isOwn ? statSync(path) : fstatSync(fd))
  if (isOfPipe)
    return send(
      bytes,
      new Socket({ fd: fd ?? (await openPipe(path, signal)), readable: false, writable: true }),
      true,
    )
  return send(bytes, createWriteStream(path, isOwn ? { flags: 'w' } : { fd, autoClose: false }), true)
}

async function send(bytes: Uint8Array, to: Writable, end: boolean): Promise<void> {
  await pipeline(Readable.from([bytes]), to, { end })
}

/** Opens a named pipe for writing as soon as it has a reader. */
async function openPipe(path: string, signal: AbortSignal): Promise<number> {
  for (;;) {
    signal.throwIfAborted()
    try {
      return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
    } catch (error) {
      // The pipe has no reader yet.
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error
    }
    await delay(CHECK_INTERVAL_MS, undefined, { signal })
  }
}

function isPipe(stats: Stats): boolean {
  return stats.isFIFO() || stats.isSocket()
}
