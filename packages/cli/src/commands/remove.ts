import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { type CutoutFile, NobgError, type OptionsInput, type Progress, type Remover } from '@nobg/core'
import PQueue from 'p-queue'
import { openEngine } from '../engine.ts'
import { exitCodeOfAll, exitCodes } from '../exit-codes.ts'
import { findSources, type Miss, shorten } from '../inputs.ts'
import { createReport } from '../report/create.ts'
import { failuresOf, type Outcome, type Report, summarise } from '../report/report.ts'
import type { Settings } from '../settings.ts'
import { filesOf, outputFolderOf, planTargets, type Target } from '../targets.ts'
import { placeFile, writePicture } from '../write-file.ts'

/** What `nobg photo.jpg` was asked to do. */
export interface RemoveRequest {
  /** Files, folders, globs, URLs, and `-`. */
  words: readonly string[]
  options: OptionsInput & { outputFormat: 'png' | 'webp' | 'avif'; outputMask: boolean }
  output?: string
  overwrite: boolean
  dryRun: boolean
  json: boolean
  quiet: boolean
  settings: Settings
}

/** After one of these every other picture would fail in the same way. */
const HOPELESS = new Set([
  'UNKNOWN_MODEL',
  'UNSUPPORTED_RESOLUTION',
  'WEIGHTS_UNAVAILABLE',
  'WEIGHTS_CORRUPT',
])

/**
 * Cuts out one picture or many.
 *
 * @returns the exit code
 * @throws {NobgError} INVALID_OPTION before anything is read or written
 */
export async function removeBackgrounds(request: RemoveRequest, signal: AbortSignal): Promise<number> {
  const { words, output, options, overwrite, json } = request
  const started = performance.now()
  const { sources, misses } = await findSources(words, outputFolderOf(output))
  const { targets, leftOut } = planTargets(sources, {
    output,
    format: options.outputFormat,
    mask: options.outputMask,
    overwrite,
  })
  refuseStdout(targets, json)
  const report = createReport(request)
  for (const { label } of leftOut)
    report.note(`${label} is left out: another picture's cut-out goes there. Name it to cut it out.`)

  const outcomes: Outcome[] = []
  const finish = (outcome: Outcome) => {
    outcomes.push(outcome)
    report.finish(outcome)
  }
  report.start(targets.length + misses.length)
  try {
    for (const miss of misses) finish(describeMiss(miss))
    if (request.dryRun) for (const target of targets) finish(planOutcome(target, overwrite))
    else await runAll(request, targets, { report, finish, signal })
  } finally {
    if (outcomes.some(({ status }) => status === 'skipped'))
      report.note('Files that are there already are left as they are; --overwrite replaces them.')
    report.end(summarise(outcomes, targets.length + misses.length, started), failuresOf(outcomes))
  }
  if (signal.aborted) return exitCodes.ABORTED
  return exitCodeOfAll(outcomes.flatMap(({ error }) => error ?? []))
}

interface Run {
  report: Report
  finish(outcome: Outcome): void
  signal: AbortSignal
}

async function runAll(request: RemoveRequest, targets: readonly Target[], run: Run): Promise<void> {
  const { settings, options, overwrite } = request
  const hopeless = new AbortController()
  const signal = AbortSignal.any([run.signal, hopeless.signal])
  const queue = new PQueue({ concurrency: settings.concurrency ?? 2 })
  await using engine = await openEngine(settings, run.report.note)
  const runOne = async (target: Target) => {
    if (signal.aborted) return
    try {
      run.finish(await cutOut(engine.remover, target, options, { overwrite, signal, report: run.report }))
    } catch (error) {
      // What fails because the run ends has not failed.
      if (signal.aborted) return
      run.finish({ ...namesOf(target), status: 'failed', error })
      if (error instanceof NobgError && HOPELESS.has(error.code)) hopeless.abort()
    }
  }
  await queue.addAll(targets.map(target => () => runOne(target)))
}

interface CutOutContext {
  overwrite: boolean
  signal: AbortSignal
  report: Report
}

async function cutOut(
  remover: Remover,
  target: Target,
  options: OptionsInput,
  { overwrite, signal, report }: CutOutContext,
): Promise<Outcome> {
  const started = performance.now()
  const names = namesOf(target)
  const wanted = filesOf(target).filter(file => overwrite || !existsSync(file))
  if (target.file && wanted.length === 0) return { ...names, status: 'skipped' }
  const onProgress = (progress: Progress) => report.progress(names.source, progress)
  const plan = await remover.plan(target.source.image, options, { signal })
  const cutout = await remover.ensure(plan, { signal, onProgress })
  await placeAll(target, wanted, cutout, signal)
  const { width, height, format, cached } = cutout
  const { size: bytes } = await stat(cutout.file)
  const ms = Math.round(performance.now() - started)
  return { ...names, status: 'written', model: plan.model.id, width, height, format, bytes, cached, ms }
}

/** Puts what the cache holds where it was asked for. */
async function placeAll(
  target: Target,
  wanted: readonly string[],
  cutout: CutoutFile,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted()
  if (target.file === undefined) return writePicture(cutout.file)
  if (wanted.includes(target.file)) await placeFile(cutout.file, target.file)
  const { maskFile } = target
  if (maskFile && cutout.maskFile && wanted.includes(maskFile)) await placeFile(cutout.maskFile, maskFile)
}

function planOutcome(target: Target, overwrite: boolean): Outcome {
  const isThere = target.file !== undefined && !overwrite && filesOf(target).every(file => existsSync(file))
  return { ...namesOf(target), status: isThere ? 'skipped' : 'planned' }
}

function namesOf({ source, file, maskFile }: Target): Pick<Outcome, 'source' | 'file' | 'mask'> {
  return {
    source: source.label,
    file: file ? shorten(file) : 'stdout',
    ...(maskFile && { mask: shorten(maskFile) }),
  }
}

function describeMiss({ label, error }: Miss): Outcome {
  return { source: label, status: 'failed', error }
}

/** A picture on a terminal is noise, and between lines of JSON it is worse. */
function refuseStdout(targets: readonly Target[], json: boolean): void {
  if (targets.every(({ file }) => file !== undefined)) return
  if (!json && !process.stdout.isTTY) return
  throw new NobgError(
    'INVALID_OPTION',
    `Expected a file or a pipe for the picture, got ${json ? '--json, which has stdout for itself' : 'a terminal'}.`,
    { hint: 'Give -o portrait.png, or send stdout on: nobg - < portrait.jpg > portrait.png.' },
  )
}
