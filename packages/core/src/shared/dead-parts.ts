import { randomUUID } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Path of a temporary file in a folder, whose name holds the id of this process. */
export function namePart(dir: string): string {
  return join(dir, `.${process.pid}-${randomUUID()}.part`)
}

/** A file of a matte is written in milliseconds. A process in a container that shares the folder has another id here. */
const LEAST_AGE_MS = 60_000

/** Removes the temporary files of {@link namePart} that killed processes left in a folder. Does not throw. */
export async function removeDeadParts(dir: string): Promise<void> {
  const names = await readdir(dir).catch(() => [])
  await Promise.all(names.map(name => removeIfDead(join(dir, name), name).catch(() => {})))
}

async function removeIfDead(path: string, name: string): Promise<void> {
  const [, id] = /^\.(\d+)-[\da-f-]{36}\.part$/.exec(name) ?? []
  if (id === undefined || isRunning(Number(id))) return
  const { mtimeMs } = await stat(path)
  if (Date.now() - mtimeMs > LEAST_AGE_MS) await rm(path)
}

/** Whether a process runs. Signal 0 only asks. */
function isRunning(id: number): boolean {
  try {
    return process.kill(id, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
