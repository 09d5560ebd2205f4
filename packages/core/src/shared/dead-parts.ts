import { randomUUID } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Path of a temporary file in a folder, whose name holds the id of this process. */
export function namePart(dir: string): string {
  return join(dir, `.${process.pid}-${randomUUID()}.part`)
}

/** Removes the temporary files of {@link namePart} that killed processes left in a folder. Does not throw. */
export async function removeDeadParts(dir: string): Promise<void> {
  const names = await readdir(dir).catch(() => [])
  const dead = names.filter(name => {
    const [, id] = /^\.(\d+)-[\da-f-]{36}\.part$/.exec(name) ?? []
    return id !== undefined && !isRunning(Number(id))
  })
  await Promise.all(dead.map(name => rm(join(dir, name), { force: true }).catch(() => {})))
}

/** Whether a process runs. Signal 0 only asks. */
function isRunning(id: number): boolean {
  try {
    return process.kill(id, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
