import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Creates a folder and its missing parents. A file at this path is no error here. Does not use `recursive` of `mkdir`, which
 * never ends in Node 24 if a parent accepts no folder, such as /proc.
 *
 * @throws {Error} the system's
 */
export async function makeDir(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // The root of a drive cannot be created and need not be missing.
    if (code === 'EEXIST' || existsSync(path)) return
    if (code !== 'ENOENT' || dirname(path) === path) throw error
    await makeDir(dirname(path))
    await mkdir(path).catch(ignoreExisting)
  }
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}
