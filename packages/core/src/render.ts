import type PQueue from 'p-queue'
import type { Cache } from './cache/cache.ts'
import type { CacheEntry } from './cache/entry.ts'
import type { ResolvedConfig } from './config.ts'
import { abortError, NobgError } from './errors.ts'
import { decodeImage } from './image/decode.ts'
import { type EncodedImage, encodeCutout, encodeMask } from './image/encode.ts'
import { decodeMatte, encodeMatte } from './image/matte-file.ts'
import { copyRaster } from './image/raster-input.ts'
import { resizeForModel } from './image/resize.ts'
import { fetchAhead, inferMatte } from './infer.ts'
import { fitInput } from './models/resolution.ts'
import type { Plan, PlannedFile } from './plan.ts'
import type { ExecutionProvider, Matte, Progress, Raster, RunOptions, Timings } from './types.ts'
import type { Composed } from './workers/compose.worker.ts'
import type { Workers } from './workers/pools.ts'

/** What rendering works with. */
export interface Engine {
  config: ResolvedConfig
  workers: Workers
  mattes: Cache
  /** Limits how many rasters are in memory at a time. */
  slots: PQueue
}

/** One plan on its way from pixels to files. */
export interface Work extends Engine {
  plan: Plan
  onProgress: RunOptions['onProgress']
  /** What the stages took so far; filled in on the way. */
  timings: Omit<Timings, 'total'>
  /** What ran the model, once it has; filled in on the way. */
  ran: { executionProvider?: ExecutionProvider }
  /** The pixels that cut-out and mask share: composed once, by the file that needs them first. */
  composed?: Promise<Composed>
}

/** Makes the cut-out's file. @throws {NobgError} as `Remover.ensure` does */
export function makeCutout(work: Work, signal: AbortSignal): Promise<CacheEntry> {
  const {
    outputFormat: format,
    outputQuality: quality,
    outputLossless: lossless,
    backgroundColor,
  } = work.plan.options
  return takeSlot(work, signal, async () => {
    work.composed ??= compose(work, work.plan.options.refineForeground, signal)
    const { raster } = await work.composed
    return encode(work, work.plan, () => encodeCutout(raster, { format, quality, lossless, backgroundColor }))
  })
}

/** Makes the mask's file; without foreground estimation, where the cut-out is there already. @throws {NobgError} as above */
export function makeMask(work: Work, file: PlannedFile, signal: AbortSignal): Promise<CacheEntry> {
  const { outputFormat: format, outputQuality: quality, outputLossless: lossless } = work.plan.options
  return takeSlot(work, signal, async () => {
    work.composed ??= compose(work, false, signal)
    const { mask } = await work.composed
    return encode(work, file, () => encodeMask(mask as Matte, { format, quality, lossless }))
  })
}

/** Makes the pixels alone: neither a file nor anything in the cut-out cache. @throws {NobgError} as above */
export function makePixels(work: Work, signal: AbortSignal): Promise<Composed> {
  return takeSlot(work, signal, () => compose(work, work.plan.options.refineForeground, signal))
}

async function takeSlot<Made>(work: Work, signal: AbortSignal, job: () => Promise<Made>): Promise<Made> {
  const asked = performance.now()
  const { size, pending } = work.slots
  report(work, 'queue', 0, size + pending)
  try {
    if (!work.composed) await fetchAhead(work, { signal, onProgress: work.onProgress })
    return await work.slots.add(
      () => {
        addTime(work, 'queue', asked)
        return job()
      },
      { signal },
    )
  } catch (error) {
    throw signal.aborted ? abortError(signal) : error
  }
}

async function compose(
  work: Work,
  refineForeground: Plan['options']['refineForeground'],
  signal: AbortSignal,
): Promise<Composed> {
  const { plan, mattes, workers } = work
  const raster = await readRaster(work)
  const { entry } = await mattes.getOrCreate(plan.matteKey, signal => predict(work, raster, signal), {
    signal,
  })
  const matte = await decodeMatte(entry.bytes)
  const { matteUpsampling, threshold, crop } = plan.options
  const task = {
    raster,
    matte,
    settings: { matteUpsampling, refineForeground, threshold, crop },
    mask: plan.mask !== undefined,
  }
  return measure(work, 'foreground', () => workers.compose(task, signal))
}

/** The picture's pixels, in an array that may be moved to a worker. */
async function readRaster(work: Work): Promise<Raster> {
  const { source } = work.plan
  const { maxPixels } = work.config
  const bytes = await measure(work, 'read', () => source.bytes())
  try {
    return await measure(work, 'decode', async () =>
      source.shape ? copyRaster(bytes, source.shape, maxPixels) : decodeImage(bytes, { maxPixels }),
    )
  } catch (error) {
    // The bytes do not know where they come from, and a program that cuts out many files wants to.
    if (error instanceof NobgError) error.source = source.path
    throw error
  }
}

async function predict(work: Work, raster: Raster, signal: AbortSignal): Promise<CacheEntry> {
  const { plan, onProgress } = work
  const { model, source, operatingResolution } = plan
  const { width, height } = fitInput(model, operatingResolution, raster)
  const picture = await measure(work, 'prepare', () => resizeForModel(raster, width, height))
  const asked = performance.now()
  const onStart = () => report(work, 'inference', 0)
  const prediction = await inferMatte(work, picture, { signal, onProgress }, onStart)
  const { matte, inferenceMs, executionProvider } = prediction
  addTime(work, 'queue', asked + inferenceMs)
  work.timings.inference = inferenceMs
  work.ran.executionProvider = executionProvider
  report(work, 'inference', 1)
  return {
    bytes: await encodeMatte(matte),
    fileName: `${source.name}-${model.id}-${operatingResolution}.png`,
    meta: { width: matte.width, height: matte.height },
  }
}

async function encode(
  work: Work,
  { fileName }: PlannedFile,
  job: () => Promise<EncodedImage>,
): Promise<CacheEntry> {
  report(work, 'encode', 0)
  const { data, ...picture } = await measure(work, 'encode', job)
  report(work, 'encode', 1)
  const { queue = 0, ...stages } = work.timings
  const ms = Math.round(Object.values(stages).reduce((sum, stage) => sum + stage, 0))
  return { bytes: data, fileName, meta: { ...picture, ms } }
}

type Stage = keyof Work['timings']

async function measure<Value>(work: Work, stage: Stage, job: () => Promise<Value>): Promise<Value> {
  const started = performance.now()
  const value = await job()
  addTime(work, stage, started)
  return value
}

function addTime({ timings }: Work, stage: Stage, started: number): void {
  timings[stage] = (timings[stage] ?? 0) + performance.now() - started
}

function report({ onProgress, plan }: Work, stage: Progress['stage'], done: number, total = 1): void {
  onProgress?.({ stage, done, total, model: plan.model.id })
}
