import { readdirSync, readFileSync } from 'node:fs'

/** What a process and its descendants hold in memory at one moment. Linux only: zeros elsewhere. */
export interface TreeMemory {
  /** Sum of resident set sizes, in MB of 10⁶ bytes; what processes share is counted once for each. */
  rssMb: number
  /** Sum of proportional set sizes, in MB: what they share is counted once. */
  pssMb: number
}

/** A process, its children, their children, …: process ids, `root` first. */
export function listTree(root: number): number[] {
  const parents = new Map<number, number>()
  for (const name of readProc([], () => readdirSync('/proc'))) {
    const pid = Number(name)
    if (!Number.isInteger(pid)) continue
    parents.set(pid, Number(readStat(pid)[1]))
  }
  const tree = [root]
  for (const parent of tree) for (const [pid, ppid] of parents) if (ppid === parent) tree.push(pid)
  return tree
}

/** CPU time that the living threads of a process have used, in ms. */
export function readCpuMs(pid: number): number {
  let ns = 0
  for (const thread of readProc([], () => readdirSync(`/proc/${pid}/task`))) {
    ns += Number(readText(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0])
  }
  return ns / 1e6
}

/** CPU time that the ended children of a process had used, in ms, to the nearest tick of the kernel's clock (10 ms). */
export function readEndedCpuMs(pid: number): number {
  const [user, system] = readStat(pid).slice(13, 15)
  return (Number(user) + Number(system)) * 10 || 0
}

/** Sum over processes of their resident set sizes, in MB. Takes microseconds. */
export function readRssMb(pids: readonly number[]): number {
  const pages = pids.map(pid => Number(readText(`/proc/${pid}/statm`).split(' ')[1] ?? 0))
  return sum(pages) * 4096e-6
}

/** Sum over processes of their proportional set sizes, in MB. The kernel walks all pages: takes milliseconds. */
export function readPssMb(pids: readonly number[]): number {
  const kib = pids.map(pid => Number(/^Pss:\s+(\d+)/m.exec(readText(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0))
  return sum(kib) * 1024e-6
}

/** Peak memory of a process and its descendants from now until `stop`. */
export function watchMemory(root: number): { stop(): TreeMemory } {
  const peak: TreeMemory = { rssMb: 0, pssMb: 0 }
  let looks = 0
  const { stop } = watchResident(root, (rssMb, pids) => {
    // Pages are slow to walk: look at them less often than at the sizes.
    if (looks++ % 10 === 0) peak.pssMb = Math.max(peak.pssMb, readPssMb(pids))
    peak.rssMb = Math.max(peak.rssMb, rssMb)
  })
  return {
    stop() {
      stop()
      return peak
    },
  }
}

/**
 * Looks at the resident memory of a process and its descendants, in MB, every 10 ms until `stop`. At the sizes alone: while
 * the kernel walks a process's pages, it cannot be given new ones.
 */
export function watchResident(
  root: number,
  onLook: (rssMb: number, pids: readonly number[]) => void,
): { stop(): void } {
  let pids = [root]
  let looks = 0
  const timer = setInterval(() => {
    // New processes are rare.
    if (looks++ % 5 === 0) pids = listTree(root)
    onLook(readRssMb(pids), pids)
  }, 10)
  return { stop: () => clearInterval(timer) }
}

/** The fields of /proc/<pid>/stat from the third on: the second, the command, may hold spaces and brackets. */
function readStat(pid: number): string[] {
  return readText(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? []
}

/** Processes end while one looks at them. */
function readText(path: string): string {
  return readProc('', () => readFileSync(path, 'utf8'))
}

function readProc<Value>(fallback: Value, read: () => Value): Value {
  try {
    return read()
  } catch {
    return fallback
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
