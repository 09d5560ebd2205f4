import { chmod, constants, copyFile, open } from 'node:fs/promises'

/**
 * Copies a file to a path at which there is no file. The copy gets the mode of a new file (by the umask), because a cached
 * file may be private or read-only.
 *
 * @throws {Error} the system's
 */
export async function copyAsNewFile(from: string, to: string): Promise<void> {
  const file = await open(to, 'wx')
  const { mode } = await file.stat().finally(() => file.close())
  await copyFile(from, to, constants.COPYFILE_FICLONE)
  await chmod(to, mode & 0o777)
}
