import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a folder and all that it lies in, where they are missing. What stands there as a file is left for the next step
 * to stumble over. Not by `mkdir`'s own `recursive`: in Node 24 that tries for ever where a folder takes no folder, as /proc.
 *
 * Rejects with the system's error.
 */
export async function makeDir(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // A drive's root may be neither made nor missing.
    if (code === 'EEXIST' || existsSync(path)) return
    if (code !== 'ENOENT' || dirname(path) === path) throw error
    await makeDir(dirname(path))
    await mkdir(path).catch(ignoreExisting)
  }
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}
