import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished, type TestContext } from 'vitest'

/** Bytes that a file takes at least. */
export const PAGE = 4096

/** Name of the file that fills the disk. */
export const FILLER = 'filler'

/** Mounts a file system of 64 KiB for one test, which is skipped if this process may not mount. @returns its folder */
export function mountSmallDisk({ skip }: Pick<TestContext, 'skip'>): string {
  const dir = mkdtempSync(join(tmpdir(), 'nobg-small-disk-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', dir]).status !== 0)
    skip('needs the right to mount a file system')
  onTestFinished(() => void spawnSync('umount', [dir]))
  return dir
}

/** Fills the file system of a folder, except for `freeBytes`, a multiple of {@link PAGE}. */
export function fillDisk(dir: string, freeBytes = 0): void {
  const { bavail, bsize } = statfsSync(dir)
  writeFileSync(join(dir, FILLER), Buffer.alloc(bavail * bsize - freeBytes, 1))
}
