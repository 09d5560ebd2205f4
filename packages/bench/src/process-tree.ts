import { readdirSync, readFileSync } from 'node:fs'

/** Memory of a process and its descendants at one time. Zeros on other systems than Linux. */
export interface TreeMemory {
  /** Sum of resident set sizes, in MB of 10⁶ bytes. Shared pages count once per process. */
  rssMb: number
  /** Sum of proportional set sizes, in MB. Shared pages count once. */
  pssMb: number
}

/** Returns the ids of a process and all its descendants, `root` first. */
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

/** Returns the CPU time of the running threads of a process, in ms. */
export function readCpuMs(pid: number): number {
  let ns = 0
  for (const thread of readProc([], () => readdirSync(`/proc/${pid}/task`))) {
    ns += Number(readText(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0])
  }
  return ns / 1e6
}

/** Returns the CPU time of the ended children of a process, in ms, in ticks of the kernel's clock (10 ms). */
export function readEndedCpuMs(pid: number): number {
  const [user, system] = readStat(pid).slice(13, 15)
  return (Number(user) + Number(system)) * 10 || 0
}

/** Returns the sum of the resident set sizes of processes, in MB. Takes microseconds. */
export function readRssMb(pids: readonly number[]): number {
  const pages = pids.map(pid => Number(readText(`/proc/${pid}/statm`).split(' ')[1] ?? 0))
  return sum(pages) * 4096e-6
}

/** Returns the sum of the proportional set sizes of processes, in MB. Takes milliseconds, because the kernel visits all pages. */
export function readPssMb(pids: readonly number[]): number {
  const kib = pids.map(pid => Number(/^Pss:\s+(\d+)/m.exec(readText(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0))
  return sum(kib) * 1024e-6
}

/** Measures the peak memory of a process and its descendants from now until `stop`. */
export function watchMemory(root: number): { stop(): TreeMemory } {
  const peak: TreeMemory = { rssMb: 0, pssMb: 0 }
  let samples = 0
  const { stop } = watchResident(root, (rssMb, pids) => {
    // Sampled less often, because the kernel visits all pages.
    if (samples++ % 10 === 0) peak.pssMb = Math.max(peak.pssMb, readPssMb(pids))
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
 * Samples the resident memory of a process and its descendants, in MB, every 10 ms until `stop`. It reads only sizes, because
 * a process gets no new pages while the kernel visits its pages.
 */
export function watchResident(
  root: number,
  onSample: (rssMb: number, pids: readonly number[]) => void,
): { stop(): void } {
  let pids = [root]
  let samples = 0
  const timer = setInterval(() => {
    // New processes are rare.
    if (samples++ % 5 === 0) pids = listTree(root)
    onSample(readRssMb(pids), pids)
  }, 10)
  return { stop: () => clearInterval(timer) }
}

/** Returns the fields of /proc/<pid>/stat from the third on. The second field, the command, may contain spaces and parentheses. */
function readStat(pid: number): string[] {
  return readText(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? []
}

/** Returns '' if the process has ended. */
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
