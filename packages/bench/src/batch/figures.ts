import type { LoopDelay } from '../loop-delay.ts'
import type { BatchEntrant, PictureBatch } from './batches.ts'
import type { BatchSample } from './cut-batch.ts'

/** One row: one batch, cut out by one entrant. */
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
  /** Wall time of the batch over pictures × inference alone: 1 where all else hides behind the inference. */
  overInference: number
  /** Part of the wall time with a network running, 0 to 1. */
  runShare: number
  /** CPU time over wall time: how many cores were at work on the average. */
  coresBusy: number
  /** Peak resident memory of the whole process tree until the tenth picture was finished, in MB. */
  earlyRssMb: number
  /** The same until the end. */
  rssMb: number
  delay: LoopDelay
  /** How late the event loop of the process was that measured and had next to nothing to do: the machine's own part. */
  delayElsewhere: LoopDelay
  /** Part of all cores' time that the machine was idle, 0 to 1; what else runs on it counts as work. */
  idleShare: number
}

/** Resident memory at one moment, in ms since 1970. */
export interface MemoryLook {
  at: number
  rssMb: number
}

/** Pictures after which memory is noted; in a small batch a half of them. */
const earlyPictures = 10

/** What a batch comes to. */
export function summarizeBatch(
  sample: BatchSample,
  looks: readonly MemoryLook[],
  delayElsewhere: LoopDelay,
): BatchFigures {
  const { wallMs, cpuMs, runWallMs, aloneMs, delay, doneAt, idleShare } = sample
  const count = doneAt.length
  const early = doneAt[Math.min(earlyPictures, count >> 1) - 1]
  const peakUntil = (end: number) =>
    looks.reduce((peak, { at, rssMb }) => (at <= end ? Math.max(peak, rssMb) : peak), 0)
  return {
    picturesPerMinute: (count * 60_000) / wallMs,
    cpuMs: cpuMs / count,
    overInference: wallMs / (count * aloneMs),
    runShare: runWallMs / wallMs,
    coresBusy: cpuMs / wallMs,
    earlyRssMb: peakUntil(early),
    rssMb: peakUntil(doneAt[count - 1]),
    delay,
    delayElsewhere,
    idleShare,
  }
}

/** Pictures a minute over the best peer's with the same batch; undefined where either is missing. */
export function rateBatch(row: BatchRow, rows: readonly BatchRow[]): number | undefined {
  const peers = rows.filter(({ batch, entrant }) => batch === row.batch && !entrant.ours)
  const best = Math.max(...peers.map(({ figures }) => figures?.picturesPerMinute ?? 0))
  return row.figures && best > 0 ? row.figures.picturesPerMinute / best : undefined
}
