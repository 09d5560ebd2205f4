import { chmod, constants, copyFile, open } from 'node:fs/promises'

/**
 * Copies a file to a path where there is none. The copy has the mode that a new file gets here (by the umask), and not the
 * original's: what lies in a cache may be readable for its writer alone, or for nobody to write.
 *
 * Rejects with the system's error.
 */
export async function copyAsNewFile(from: string, to: string): Promise<void> {
  const file = await open(to, 'wx')
  const { mode } = await file.stat().finally(() => file.close())
  await copyFile(from, to, constants.COPYFILE_FICLONE)
  await chmod(to, mode & 0o777)
}
