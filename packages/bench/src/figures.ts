import type { LoopDelay } from './loop-delay.ts'
import type { BenchModel } from './pipelines/pipeline.ts'

/** One row of the table: one contestant, one model, one size. Times in ms, memory in MB. */
export interface Row {
  model: BenchModel
  megapixels: number
  contestant: string
  title: string
  ours: boolean
  warm?: WarmFigures
  cold?: ColdFigures
  /** Why there are no figures. */
  failure?: string
}

/** Figures of a picture when the model is loaded: the least of several rounds. */
export interface WarmFigures {
  /** End-to-end time without the time inside `InferenceSession.run`. */
  overheadCpuMs: number
  overheadWallMs: number
  runCpuMs: number
  /** End-to-end CPU time. */
  totalCpuMs: number
  /** Greatest overhead of the rounds, divided by the least: shows other load on the machine. */
  spread: number
  /** Growth of resident memory from one round to the next (median). */
  growthMb: number
  delay?: LoopDelay
  stages?: Record<string, number>
}

/** Figures of the first picture in a new process: the least CPU time and the greatest memory of several processes. */
export interface ColdFigures {
  cpuMs: number
  wallMs: number
  rssMb: number
  pssMb: number
}

/** Returns the median of an unsorted list: the upper of two middle values, or NaN for an empty list. */
export function takeMedian(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

/**
 * Divides a figure by the least figure of all peers, or by that of the named peer, for the same model and size.
 *
 * @returns undefined if the row or all peers lack the figure
 */
export function rateAgainstPeers(
  row: Row,
  rows: readonly Row[],
  figureOf: (row: Row) => number | undefined,
  peer?: string,
): number | undefined {
  const own = figureOf(row)
  const alike = rows.filter(one => one.model === row.model && one.megapixels === row.megapixels)
  const peers = alike.filter(one => !one.ours && (!peer || one.contestant === peer))
  const best = Math.min(...peers.map(peer => figureOf(peer) ?? Number.POSITIVE_INFINITY))
  return own === undefined || !Number.isFinite(best) ? undefined : own / best
}
