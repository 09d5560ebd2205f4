import { type LoopDelay, watchLoop } from './loop-delay.ts'
import type { Pipeline } from './pipelines/pipeline.ts'
import { listTree, readCpuMs, readEndedCpuMs, readRssMb } from './process-tree.ts'
import { type RunTime, takeRunTime } from './session-clock.ts'

/** What one picture cost. Times in ms; CPU times are of the process, its threads and its children. */
export interface Sample {
  wallMs: number
  cpuMs: number
  /** The part inside `InferenceSession.run`. */
  run: RunTime
  /** How late the main thread's event loop was, where asked for. */
  delay?: LoopDelay
  stages?: Record<string, number>
  /** Resident memory of the process and its children afterwards, in MB. */
  rssMb: number
}

/** Cuts out one picture and says what it cost. */
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

/** CPU time of this process and its descendants, threads and children that have ended included, in ms. */
export function readTreeCpuMs(): number {
  const { user, system } = process.cpuUsage()
  const children = listTree(process.pid).slice(1)
  const own = (user + system) / 1000 + readEndedCpuMs(process.pid)
  return children.reduce((total, pid) => total + readCpuMs(pid), own)
}
