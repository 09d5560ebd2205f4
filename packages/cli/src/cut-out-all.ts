import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { type CutoutFile, NobgError, type Progress, type RemovalOptions, type Remover } from '@nobg/core'
import PQueue from 'p-queue'
import { openEngine } from './engine.ts'
import { openImage, shorten } from './named-source.ts'
import type { PictureOutcome, Report } from './report/report.ts'
import type { Finish } from './report/run.ts'
import type { Settings } from './settings.ts'
import { filesOf, STDOUT, type Target } from './target.ts'
import { sendPicture, writePicture } from './write-file.ts'

/** Options, settings and reports of a batch. */
export interface Batch {
  options: RemovalOptions
  overwrite: boolean
  settings: Settings
  report: Report
  finish: Finish
  signal: AbortSignal
}

/** Errors that every other picture of the batch would have too. */
const FATAL_CODES = new Set(['UNSUPPORTED_RESOLUTION', 'WEIGHTS_UNAVAILABLE', 'WEIGHTS_CORRUPT'])

/**
 * Writes the cutouts of all targets, several at a time, and calls `finish` with the outcome of each. A failure does not stop
 * the batch unless its code is one of {@link FATAL_CODES}. `finish` is not called for targets that were not processed.
 *
 * @throws {NobgError} INVALID_OPTION, UNKNOWN_MODEL (of the settings)
 */
export async function cutOutAll(targets: readonly Target[], batch: Batch): Promise<void> {
  const { settings, report, finish } = batch
  const fatal = new AbortController()
  const signal = AbortSignal.any([batch.signal, fatal.signal])
  await using engine = await openEngine(settings, report.note)
  const queue = new PQueue({ concurrency: engine.remover.concurrency })
  const runOne = async (target: Target) => {
    if (signal.aborted) return
    try {
      finish(await cutOut(engine.remover, target, { ...batch, signal }))
    } catch (error) {
      // A picture that fails because the batch ends counts as untried.
      if (signal.aborted) return
      finish({ ...namesOf(target), status: 'failed', error })
      if (error instanceof NobgError && FATAL_CODES.has(error.code)) fatal.abort()
    }
  }
  await queue.addAll(targets.map(target => () => runOne(target)))
}

async function cutOut(remover: Remover, target: Target, batch: Batch): Promise<PictureOutcome> {
  const { options, overwrite, signal, report } = batch
  const started = performance.now()
  const names = namesOf(target)
  const missing = filesOf(target).filter(file => overwrite || !existsSync(file))
  if (!target.streams && missing.length === 0) return { ...names, status: 'skipped' }
  const onProgress = (progress: Progress) => report.progress(names.source, progress)
  const plan = await remover.plan(openImage(target.source), { ...options, signal })
  const cutout = await remover.ensure(plan, { signal, onProgress })
  const bytes = await writeFiles(target, missing, cutout, signal)
  const { width, height, format, cached, executionProvider, matte, findings } = cutout
  const ms = Math.round(performance.now() - started)
  const picture = {
    model: plan.model.id,
    width,
    height,
    format,
    bytes,
    executionProvider,
    matte,
    findings,
    cached,
    ms,
  }
  return { ...names, status: 'written', ...picture }
}

/** Copies the cutout and the mask from the cache to the missing files. @returns size of the cutout in bytes */
async function writeFiles(
  target: Target,
  missing: readonly string[],
  cutout: CutoutFile,
  signal: AbortSignal,
): Promise<number> {
  signal.throwIfAborted()
  const { file, streams, maskFile } = target
  if (streams) return sendPicture(cutout.file, file, signal)
  const bytes = missing.includes(file) ? await writePicture(cutout.file, file) : (await stat(file)).size
  if (maskFile && cutout.maskFile && missing.includes(maskFile)) await writePicture(cutout.maskFile, maskFile)
  return bytes
}

/** The outcome that a dry run reports for a target. */
export function planOutcome(target: Target, overwrite: boolean): PictureOutcome {
  const exists = !target.streams && !overwrite && filesOf(target).every(file => existsSync(file))
  return { ...namesOf(target), status: exists ? 'skipped' : 'planned' }
}

function namesOf({ source, file, maskFile }: Target): Pick<PictureOutcome, 'source' | 'file' | 'mask'> {
  return {
    source: source.label,
    file: file === STDOUT ? 'stdout' : shorten(file),
    ...(maskFile && { mask: shorten(maskFile) }),
  }
}
