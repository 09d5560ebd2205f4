import { setTimeout as wait } from 'node:timers/promises'
import { listTree, readRssMb } from '../process-tree.ts'

/** Resident memory of a host, in MB of 10⁶ bytes, while the host is idle. */
export interface HostMemory {
  /** Of the main process. */
  mainMb: number
  /** Of the main process and all its descendants. */
  treeMb: number
  /** Of each descendant, the oldest first. */
  childrenMb: number[]
}

/** The time in which a host ends the work after a picture, such as writing files. */
const SETTLE_MS = 2000
const SAMPLES = 7
const BETWEEN_MS = 500

/**
 * Measures the memory of an idle process and its descendants several times.
 *
 * @returns the sample with the median of the sums; zeros on other systems than Linux
 */
export async function sampleMemory(pid: number): Promise<HostMemory> {
  const samples: HostMemory[] = []
  await wait(SETTLE_MS)
  for (let i = 0; i < SAMPLES; i++) {
    await wait(BETWEEN_MS)
    const [mainMb, ...childrenMb] = listTree(pid).map(one => readRssMb([one]))
    samples.push({ mainMb, childrenMb, treeMb: childrenMb.reduce((sum, mb) => sum + mb, mainMb) })
  }
  return samples.toSorted((a, b) => a.treeMb - b.treeMb)[SAMPLES >> 1]
}
