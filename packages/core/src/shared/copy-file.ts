import { chmod, constants, copyFile, open, stat } from 'node:fs/promises'
import { expectSize, makeWhole } from './write-whole.ts'

/**
 * Copies a file whole or not at all; a file at `to` is replaced. The copy gets the mode of a new file (by the umask), because
 * a cached file may be private or read-only.
 *
 * @throws {Error} the system's, with its `code`
 */
export async function copyWhole(from: string, to: string): Promise<void> {
  await makeWhole(to, part => copyAsNewFile(from, part))
}

async function copyAsNewFile(from: string, to: string): Promise<void> {
  const file = await open(to, 'wx')
  const { mode } = await file.stat().finally(() => file.close())
  await copyFile(from, to, constants.COPYFILE_FICLONE)
  await chmod(to, mode & 0o777)
  await expectSize(to, (await stat(from)).size)
}
