import { readSync } from 'node:fs'
import { open } from 'node:fs/promises'

/** Bytes that are read at any position. */
export interface ByteSource {
  readonly size: number
  /** Fills `target` with the bytes from `position` on. @returns their number, which is less at the end of the source */
  read(target: Uint8Array, position: number): number
  close?(): Promise<void>
}

/** Opens a file for reading. */
export async function openFileSource(path: string): Promise<ByteSource> {
  const handle = await open(path)
  const { size } = await handle.stat()
  return {
    size,
    read: (target, position) => readSync(handle.fd, target, 0, target.length, position),
    close: () => handle.close(),
  }
}
