import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { type CutoutFile, NobgError, type OptionsInput, type Progress, type Remover } from '@nobg/core'
import PQueue from 'p-queue'
import { openEngine } from './engine.ts'
import type { Outcome, Report } from './report/report.ts'
import type { Finish } from './report/run.ts'
import type { Settings } from './settings.ts'
import { openImage, shorten } from './source.ts'
import { filesOf, STDOUT, type Target } from './target.ts'
import { placeFile, sendFile } from './write-file.ts'

/** What a run is done with, and who hears of it. */
export interface Run {
  options: OptionsInput
  overwrite: boolean
  settings: Settings
  report: Report
  finish: Finish
  signal: AbortSignal
}

/** After one of these every other picture would fail in the same way. */
const HOPELESS = new Set(['UNSUPPORTED_RESOLUTION', 'WEIGHTS_UNAVAILABLE', 'WEIGHTS_CORRUPT'])

/**
 * Cuts all targets out, some at a time, and tells `finish` what became of each. A picture that fails stops no other,
 * unless it fails for a reason that all share; what the end of the run came before is not told of.
 *
 * @throws {NobgError} INVALID_OPTION, UNKNOWN_MODEL (of the settings)
 */
export async function cutOutAll(targets: readonly Target[], run: Run): Promise<void> {
  const { settings, report, finish } = run
  const hopeless = new AbortController()
  const signal = AbortSignal.any([run.signal, hopeless.signal])
  const queue = new PQueue({ concurrency: settings.concurrency ?? 2 })
  await using engine = await openEngine(settings, report.note)
  const runOne = async (target: Target) => {
    if (signal.aborted) return
    try {
      finish(await cutOut(engine.remover, target, { ...run, signal }))
    } catch (error) {
      // What fails because the run ends has not failed.
      if (signal.aborted) return
      finish({ ...namesOf(target), status: 'failed', error })
      if (error instanceof NobgError && HOPELESS.has(error.code)) hopeless.abort()
    }
  }
  await queue.addAll(targets.map(target => () => runOne(target)))
}

async function cutOut(remover: Remover, target: Target, run: Run): Promise<Outcome> {
  const { options, overwrite, signal, report } = run
  const started = performance.now()
  const names = namesOf(target)
  const wanted = filesOf(target).filter(file => overwrite || !existsSync(file))
  if (!target.streams && wanted.length === 0) return { ...names, status: 'skipped' }
  const onProgress = (progress: Progress) => report.progress(names.source, progress)
  const plan = await remover.plan(openImage(target.source), { ...options, signal })
  const cutout = await remover.ensure(plan, { signal, onProgress })
  const bytes = await placeAll(target, wanted, cutout, signal)
  const { width, height, format, cached, executionProvider } = cutout
  const ms = Math.round(performance.now() - started)
  const picture = { model: plan.model.id, width, height, format, bytes, executionProvider, cached, ms }
  return { ...names, status: 'written', ...picture }
}

/** Puts what the cache holds where it was asked for. @returns the size of the cut-out, in bytes */
async function placeAll(
  target: Target,
  wanted: readonly string[],
  cutout: CutoutFile,
  signal: AbortSignal,
): Promise<number> {
  signal.throwIfAborted()
  const { file, streams, maskFile } = target
  if (streams) return sendFile(cutout.file, file, signal)
  const bytes = wanted.includes(file) ? await placeFile(cutout.file, file) : (await stat(file)).size
  if (maskFile && cutout.maskFile && wanted.includes(maskFile)) await placeFile(cutout.maskFile, maskFile)
  return bytes
}

/** What would become of a target. */
export function planOutcome(target: Target, overwrite: boolean): Outcome {
  const isThere = !target.streams && !overwrite && filesOf(target).every(file => existsSync(file))
  return { ...namesOf(target), status: isThere ? 'skipped' : 'planned' }
}

function namesOf({ source, file, maskFile }: Target): Pick<Outcome, 'source' | 'file' | 'mask'> {
  return {
    source: source.label,
    file: file === STDOUT ? 'stdout' : shorten(file),
    ...(maskFile && { mask: shorten(maskFile) }),
  }
}
