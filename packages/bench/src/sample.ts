import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import type { Pipeline } from './pipelines/pipeline.ts'
import { listTree, readCpuMs, readEndedCpuMs, readRssMb } from './process-tree.ts'
import { type RunTime, takeRunTime } from './session-clock.ts'

/** How often the event loop's pulse is felt. */
const pulseMs = 10

/** What one picture cost. Times in ms; CPU times are of the process, its threads and its children. */
export interface Sample {
  wallMs: number
  cpuMs: number
  /** The part inside `InferenceSession.run`. */
  run: RunTime
  /** How late the main thread's event loop was, where asked for. */
  delay?: { p99Ms: number; maxMs: number }
  stages?: Record<string, number>
  /** Resident memory of the process and its children afterwards, in MB. */
  rssMb: number
}

/** Cuts out one picture and says what it cost. */
export async function takeSample(pipeline: Pipeline, picture: string, watchLoop: boolean): Promise<Sample> {
  await pipeline.forget?.(picture)
  takeRunTime()
  const loop = watchLoop ? monitorEventLoopDelay({ resolution: pulseMs }) : undefined
  loop?.enable()
  // The first pulse only starts the clock, and what follows the last one is not seen.
  if (loop) await setTimeout(5 * pulseMs)
  const cpu = readTreeCpuMs()
  const wall = performance.now()
  const { stages } = await pipeline.cut(picture)
  const wallMs = performance.now() - wall
  const cpuMs = readTreeCpuMs() - cpu
  if (loop) await setTimeout(5 * pulseMs)
  loop?.disable()
  const rssMb = readRssMb(listTree(process.pid))
  return { wallMs, cpuMs, run: takeRunTime(), stages, rssMb, delay: loop && readDelay(loop) }
}

/** CPU time of this process and its descendants, threads and children that have ended included, in ms. */
export function readTreeCpuMs(): number {
  const { user, system } = process.cpuUsage()
  const children = listTree(process.pid).slice(1)
  const own = (user + system) / 1000 + readEndedCpuMs(process.pid)
  return children.reduce((total, pid) => total + readCpuMs(pid), own)
}

/** Node notes the time from pulse to pulse: what exceeds the interval is the delay. */
function readDelay(loop: ReturnType<typeof monitorEventLoopDelay>): Sample['delay'] {
  const delayOf = (ns: number) => Math.max(0, ns / 1e6 - pulseMs)
  return { p99Ms: delayOf(loop.percentile(99)), maxMs: delayOf(loop.max) }
}
