import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'

/** Delay of the main thread's event loop, in ms. */
export interface LoopDelay {
  p99Ms: number
  maxMs: number
}

/** Sampling interval of the event loop. */
const intervalMs = 10

/** Measures the delay of this thread's event loop until `stop`. */
export async function watchLoop(): Promise<{ stop(): Promise<LoopDelay> }> {
  const loop = monitorEventLoopDelay({ resolution: intervalMs })
  loop.enable()
  // The first sample only starts the clock, and a delay after the last sample is not measured.
  await setTimeout(5 * intervalMs)
  return {
    async stop() {
      await setTimeout(5 * intervalMs)
      loop.disable()
      // Node records the time between samples. The delay is the part above the interval.
      const delayOf = (ns: number) => Math.max(0, ns / 1e6 - intervalMs)
      return { p99Ms: delayOf(loop.percentile(99)), maxMs: delayOf(loop.max) }
    },
  }
}
