import { performance } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Memory that must have been allocated since the last collection, bytes: in an idle process, and in a busy one. */
const MIN_GARBAGE = { idle: 8e6, busy: 32e6 }
/** Time between two looks at a process. */
const INTERVAL_MS = 1000
/** Share of the interval in which an idle process may be busy. */
const MAX_BUSY = 0.05

/**
 * Prepares collections of garbage. V8 itself lets some 60 MB of buffers wait until it collects, and frees nothing while a
 * process is idle. Use it only in a process that nobg itself started, because a collection blocks the event loop: 15 ms in a
 * small process, some 50 ms in a server.
 *
 * @returns a function that collects garbage if memory was allocated since the last collection
 */
export function createCollector(): (state?: keyof typeof MIN_GARBAGE) => void {
  setFlagsFromString('--expose-gc')
  // undefined if this build of Node has no such function: garbage then waits for V8, as in any process.
  const collect: ((options: object) => void) | undefined = runInNewContext('globalThis.gc')
  // What a busy process needs at the moment is garbage once the process is idle.
  const kept = { idle: countBytes(), busy: countBytes() }
  return (state = 'idle') => {
    kept[state] = Math.min(kept[state], countBytes())
    if (countBytes() < kept[state] + MIN_GARBAGE[state]) return
    // The usual kind keeps buffers whose views are young, and the pages of the young generation.
    collect?.({ type: 'major', flavor: 'last-resort' })
    kept.busy = countBytes()
    if (state === 'idle') kept.idle = kept.busy
  }
}

/** Collects garbage when this process is idle, and less often when it is busy. Use it like `createCollector`. */
export function collectRegularly(): void {
  const collect = createCollector()
  let last = performance.eventLoopUtilization()
  const look = () => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, last)
    last = now
    collect(utilization <= MAX_BUSY ? 'idle' : 'busy')
  }
  setInterval(look, INTERVAL_MS).unref()
}

/** Counts the bytes of V8's heap, with what it keeps for new objects, and of all buffers. */
function countBytes(): number {
  const { heapTotal, external } = process.memoryUsage()
  return heapTotal + external
}
