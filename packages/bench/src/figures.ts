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

/** Of a picture when the model is loaded: the least of several rounds. */
export interface WarmFigures {
  /** End to end less the time inside `InferenceSession.run`. */
  overheadCpuMs: number
  overheadWallMs: number
  runCpuMs: number
  /** CPU, end to end. */
  totalCpuMs: number
  /** Greatest overhead of the rounds over the least: how noisy the machine was. */
  spread: number
  /** Growth of resident memory per picture: the median from one round to the next. */
  growthMb: number
  delay?: LoopDelay
  stages?: Record<string, number>
}

/** Of the first picture of a new process: least CPU and greatest memory of several. */
export interface ColdFigures {
  cpuMs: number
  wallMs: number
  rssMb: number
  pssMb: number
}

/** The middle value of an unsorted list, the upper one of two; NaN of none. */
export function takeMedian(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

/**
 * A figure over the least of the peers' in the same model and size, or over that of the one peer named.
 *
 * @returns undefined where the row or all peers lack it
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
