import type { LoopDelay } from '../loop-delay.ts'
import type { BatchEntrant, PictureBatch } from './batches.ts'
import type { BatchSample } from './cut-batch.ts'

/** A row of the table: one batch and one entrant. */
export interface BatchRow {
  batch: PictureBatch
  entrant: BatchEntrant
  figures?: BatchFigures
  /** Why there are no figures. */
  failure?: string
}

export interface BatchFigures {
  picturesPerMinute: number
  /** CPU time per picture, in ms. */
  cpuMs: number
  /** Wall time of the batch ÷ (pictures × inference alone): 1 if all other work runs during inference. */
  overInference: number
  /** Share of the wall time inside `InferenceSession.run`, 0 to 1. */
  runShare: number
  /** CPU time ÷ wall time: mean number of busy cores. */
  coresBusy: number
  /** Wall time ÷ (CPU time ÷ cores): 1 if all cores are busy from the first to the last moment. */
  overCpu: number
  /** Peak resident memory of the whole process tree until the tenth picture was finished, in MB. */
  earlyRssMb: number
  /** The same until the end. */
  rssMb: number
  delay: LoopDelay
  /** Delay of the event loop of the measuring process, which is almost idle: the part that the machine causes. */
  delayElsewhere: LoopDelay
  /** Share of the time of all cores in which the machine was idle, 0 to 1. Work of other programs counts as busy. */
  idleShare: number
}

/** Resident memory at one time. */
export interface MemorySample {
  /** In ms since 1970. */
  at: number
  rssMb: number
}

/** Number of pictures after which memory is recorded. In a small batch it is half of the pictures. */
const earlyPictures = 10

/** Returns the figures of a batch. */
export function summarizeBatch(
  sample: BatchSample,
  memory: readonly MemorySample[],
  delayElsewhere: LoopDelay,
): BatchFigures {
  const { wallMs, cpuMs, runWallMs, aloneMs, delay, doneAt, cores, idleShare } = sample
  const count = doneAt.length
  const early = doneAt[Math.min(earlyPictures, count >> 1) - 1]
  const peakUntil = (end: number) =>
    memory.reduce((peak, { at, rssMb }) => (at <= end ? Math.max(peak, rssMb) : peak), 0)
  return {
    picturesPerMinute: (count * 60_000) / wallMs,
    cpuMs: cpuMs / count,
    overInference: wallMs / (count * aloneMs),
    runShare: runWallMs / wallMs,
    coresBusy: cpuMs / wallMs,
    overCpu: (wallMs * cores) / cpuMs,
    earlyRssMb: peakUntil(early),
    rssMb: peakUntil(doneAt[count - 1]),
    delay,
    delayElsewhere,
    idleShare,
  }
}

/** Returns pictures per minute ÷ the best peer's for the same batch; undefined if either is missing. */
export function rateBatch(row: BatchRow, rows: readonly BatchRow[]): number | undefined {
  const peers = rows.filter(({ batch, entrant }) => batch === row.batch && !entrant.ours)
  const best = Math.max(...peers.map(({ figures }) => figures?.picturesPerMinute ?? 0))
  return row.figures && best > 0 ? row.figures.picturesPerMinute / best : undefined
}
