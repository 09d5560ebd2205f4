import { type LoopDelay, watchLoop } from './loop-delay.ts'
import type { Pipeline } from './pipelines/pipeline.ts'
import { listTree, readCpuMs, readEndedCpuMs, readRssMb } from './process-tree.ts'
import { type RunTime, takeRunTime } from './session-clock.ts'

/** Cost of one picture. Times in ms. CPU times include threads and child processes. */
export interface Sample {
  wallMs: number
  cpuMs: number
  /** The part inside `InferenceSession.run`. */
  run: RunTime
  /** Delay of the main thread's event loop, if requested. */
  delay?: LoopDelay
  stages?: Record<string, number>
  /** Resident memory of the process and its children afterwards, in MB. */
  rssMb: number
}

/** Cuts out one picture and returns the cost. */
export async function takeSample(pipeline: Pipeline, picture: string, isWatched: boolean): Promise<Sample> {
  await pipeline.forget?.(picture)
  takeRunTime()
  const loop = isWatched ? await watchLoop() : undefined
  const cpu = readTreeCpuMs()
  const wall = performance.now()
  const { stages } = await pipeline.cut(picture)
  const wallMs = performance.now() - wall
  const cpuMs = readTreeCpuMs() - cpu
  const delay = await loop?.stop()
  const rssMb = readRssMb(listTree(process.pid))
  return { wallMs, cpuMs, run: takeRunTime(), stages, rssMb, delay }
}

/** Returns the CPU time of this process and its descendants in ms, with ended threads and children. */
export function readTreeCpuMs(): number {
  const { user, system } = process.cpuUsage()
  const children = listTree(process.pid).slice(1)
  const own = (user + system) / 1000 + readEndedCpuMs(process.pid)
  return children.reduce((total, pid) => total + readCpuMs(pid), own)
}
