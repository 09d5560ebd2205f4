import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Whether processes can be listed here; tests that must see them are skipped elsewhere. */
export const seesProcesses = process.platform === 'linux'

/** Ids of the living children of a process, those that only wait to be reaped left out. */
export function listChildren(parent: number = process.pid): number[] {
  const ids = readdirSync('/proc').filter(name => /^\d+$/.test(name))
  return ids.map(Number).filter(id => readParent(id) === parent)
}

function readParent(id: number): number | undefined {
  try {
    // The name stands in brackets and may hold anything; state and parent follow it.
    const [state, parent] = readFileSync(`/proc/${id}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? []
    return state === 'Z' ? undefined : Number(parent)
  } catch {
    return undefined
  }
}

/** Whether a process lives. */
export function isAlive(id: number): boolean {
  return readParent(id) !== undefined
}

/** Waits until something is so; the test's own time limit ends the waiting. */
export async function waitUntil(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(20)
}
