import { spawnSync } from 'node:child_process'
import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Size of the disk in bytes. */
const SIZE = 64 * 1024

/** Least number of bytes that a file uses on the disk. */
export const PAGE = 4096

/** Name of the file that fills the disk. */
export const FILLER = 'filler'

/** Mounts a disk of 64 KiB at a folder. @returns false without the right to mount */
export function mountDisk(dir: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', dir]).status === 0
}

/** Undoes {@link mountDisk}; does nothing if there is no disk. */
export function unmountDisk(dir: string): void {
  spawnSync('umount', [dir])
}

/** Fills the disk at a folder, except for `freeBytes`, a multiple of {@link PAGE}. */
export function fillDisk(dir: string, freeBytes = 0): void {
  const filler = join(dir, FILLER)
  let written = 0
  try {
    for (; ; written += PAGE) writeFileSync(filler, Buffer.alloc(PAGE, 1), { flag: 'a' })
  } catch {
    truncateSync(filler, written - freeBytes)
  }
}
