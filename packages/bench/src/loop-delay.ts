import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'

/** How late the main thread's event loop was, in ms. */
export interface LoopDelay {
  p99Ms: number
  maxMs: number
}

/** How often the event loop's pulse is felt. */
const pulseMs = 10

/** Watches this thread's event loop until `stop`. */
export async function watchLoop(): Promise<{ stop(): Promise<LoopDelay> }> {
  const loop = monitorEventLoopDelay({ resolution: pulseMs })
  loop.enable()
  // The first pulse only starts the clock, and what follows the last one is not seen.
  await setTimeout(5 * pulseMs)
  return {
    async stop() {
      await setTimeout(5 * pulseMs)
      loop.disable()
      // Node notes the time from pulse to pulse: what exceeds the interval is the delay.
      const delayOf = (ns: number) => Math.max(0, ns / 1e6 - pulseMs)
      return { p99Ms: delayOf(loop.percentile(99)), maxMs: delayOf(loop.max) }
    },
  }
}
