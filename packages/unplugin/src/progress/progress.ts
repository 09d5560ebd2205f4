import type { CutoutFile, Logger, Progress } from '@nobg/core'
import { formatSeconds } from './format.ts'
import { createLiveLines } from './live-lines.ts'

interface RunningJob {
  name: string
  /** Its number in the batch, from 1. */
  number: number
  startedAt: number
  latest: Progress
  logger: Logger
}

/** Makes a picture and reports its progress. */
export type ProgressJob = (onProgress: (progress: Progress) => void) => Promise<CutoutFile>

/** Module-global: one terminal shows the jobs of all plugins. */
const running = new Map<string, RunningJob>()
const live = createLiveLines(() => [...running.values()].map(job => describeJob(job)))
/** Without live lines, downloads are reported at this interval. */
const REPORT_EVERY_MS = 10_000
let reports: NodeJS.Timeout | undefined
/** After this time without a job, the next job starts a new batch. */
const BATCH_GAP_MS = 2000
const batch = { begun: 0, ended: 0, endedAt: 0 }

/**
 * Runs one job and reports it. A terminal shows a live line during the job, and every output gets one line at the end. A job
 * without progress came from the cache and gets no line.
 *
 * @param key jobs with the same key share one line.
 */
export async function reportJob(
  key: string,
  name: string,
  logger: Logger,
  run: ProgressJob,
): Promise<CutoutFile> {
  const owner = !running.has(key)
  const onProgress = (latest: Progress) => {
    if (!owner) return
    const job = running.get(key)
    if (job) job.latest = latest
    else startJob(key, name, latest, logger)
  }
  try {
    const result = await run(onProgress)
    const job = owner && running.get(key)
    if (job) {
      batch.ended++
      endJob(key)
      const count = `${batch.ended} of ${batch.begun}`
      logger.info(
        `nobg: ${name} done in ${formatSeconds(result.timings.total)} (${describeMaker(result, job.latest.model)}, ${count})`,
      )
    }
    return result
  } finally {
    if (owner && running.has(key)) {
      // Lines count only finished pictures. The last line must say `6 of 6`.
      batch.begun--
      endJob(key)
    }
  }
}

/** What made the matte: a model, or a file. */
function describeMaker({ matte }: CutoutFile, model: string): string {
  return matte === 'predicted' ? model : `${matte} matte`
}

function startJob(key: string, name: string, latest: Progress, logger: Logger): void {
  if (running.size === 0 && performance.now() - batch.endedAt > BATCH_GAP_MS) batch.begun = batch.ended = 0
  running.set(key, { name, number: ++batch.begun, startedAt: performance.now(), latest, logger })
  live.start()
  if (live.isSilent) reports ??= setInterval(reportDownloads, REPORT_EVERY_MS).unref()
}

function endJob(key: string): void {
  batch.endedAt = performance.now()
  running.delete(key)
  if (running.size > 0) return
  live.stop()
  clearInterval(reports)
  reports = undefined
}

/** Logs one line for each model that is being downloaded, although many jobs wait for it. */
function reportDownloads(): void {
  const downloads = [...running.values()].filter(({ latest }) => latest.stage === 'download')
  for (const { latest, logger } of new Map(downloads.map(job => [job.latest.model, job])).values()) {
    logger.info(`nobg: ${latest.model} · ${describeDownload(latest)}`)
  }
}

/** `cat.jpg · portrait · inference · 3.1 s (2 of 7)` */
function describeJob({ name, number, startedAt, latest }: RunningJob): string {
  const seconds = `${((performance.now() - startedAt) / 1000).toFixed(1)} s`
  return `${[name, latest.model, describeStage(latest), seconds].join(' · ')} (${number} of ${batch.begun})`
}

function describeStage(latest: Progress): string {
  const { stage, total } = latest

  if (stage === 'download') return describeDownload(latest)
  if (stage === 'queue') return total > 0 ? `queue, ${total} ahead` : 'reading'
  return stage
}

/** `download 41 % of 224 MB, 12 s left` */
function describeDownload({ done, total, remainingMs }: Progress): string {
  const share = total > 0 ? Math.floor((100 * done) / total) : 0
  const left = remainingMs ? `, ${Math.ceil(remainingMs / 1000)} s left` : ''
  return `download ${share} % of ${Math.round(total / 1e6)} MB${left}`
}
