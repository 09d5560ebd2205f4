import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Whether this system lists processes. Tests that need the list are skipped on other systems. */
export const seesProcesses = process.platform === 'linux'

/** Returns the ids of the running children of a process, without zombies. */
export function listChildren(parent: number = process.pid): number[] {
  const ids = readdirSync('/proc').filter(name => /^\d+$/.test(name))
  return ids.map(Number).filter(id => readParent(id) === parent)
}

function readParent(id: number): number | undefined {
  try {
    // The name is in parentheses and may contain any character. State and parent follow.
    const [state, parent] = readFileSync(`/proc/${id}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? []
    return state === 'Z' ? undefined : Number(parent)
  } catch {
    return undefined
  }
}

/** Whether a process runs. */
export function isAlive(id: number): boolean {
  return readParent(id) !== undefined
}

/** Waits until a condition is true. The time limit of the test ends the wait. */
export async function waitUntil(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(20)
}
