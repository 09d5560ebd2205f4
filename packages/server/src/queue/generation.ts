import { mkdir, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'

const PATTERN = /^generation-(\d{1,15})$/

/**
 * Takes the records of a folder over: renames their folder, whose name ends with a number that grows with each process. The
 * number is the fencing token of the lock: a process that lost the lock without notice, because it was stopped, writes to the
 * old name, and the file system refuses the write.
 *
 * @returns the path of the folder of the records; a new folder if there was none
 * @throws {Error} the system's, if another process took the records at the same time
 */
export async function takeGeneration(dir: string): Promise<string> {
  await mkdir(dir, { recursive: true })
  const names = await readdir(dir)
  const last = Math.max(0, ...names.map(name => Number(PATTERN.exec(name)?.[1] ?? 0)))
  const path = join(dir, `generation-${last + 1}`)
  // Neither replaces a folder that another process has filled.
  if (last > 0) await rename(join(dir, `generation-${last}`), path)
  else await mkdir(path)
  return path
}
