import type PQueue from 'p-queue'
import type { Cache } from './cache/cache.ts'
import type { CacheEntry } from './cache/entry.ts'
import type { ResolvedConfig } from './config.ts'
import { abortError } from './errors.ts'
import { decodeImage } from './image/decode.ts'
import { type EncodedImage, encodeCutout, encodeMask } from './image/encode.ts'
import { decodeMatte, encodeMatte } from './image/matte-file.ts'
import { resizeForModel } from './image/resize.ts'
import { fitInput } from './models/resolution.ts'
import { ensureWeights } from './models/weights.ts'
import type { Plan } from './plan.ts'
import type { Matte, Raster, RunOptions, Timings } from './types.ts'
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

/** One image's way from pixels to files. Each step runs at most once, and only when a file needs it. */
export interface Render {
  cutout(signal: AbortSignal): Promise<CacheEntry>
  mask(signal: AbortSignal): Promise<CacheEntry>
  timings: Omit<Timings, 'total'>
}

export function createRender(plan: Plan, engine: Engine, { onProgress }: RunOptions): Render {
  const { options, model } = plan
  const timings: Render['timings'] = {}
  let composed: Promise<Composed> | undefined

  async function timed<Value>(stage: keyof Render['timings'], job: () => Promise<Value>): Promise<Value> {
    const started = performance.now()
    const value = await job()
    timings[stage] = (timings[stage] ?? 0) + performance.now() - started
    return value
  }

  async function compose(refine: boolean, signal: AbortSignal): Promise<Composed> {
    const bytes = await timed('read', () => plan.source.bytes())
    const raster = await timed('decode', () => decodeImage(bytes, { maxPixels: engine.config.maxPixels }))
    const { entry } = await engine.mattes.getOrCreate(plan.matteKey, signal => predict(raster, signal), { signal })
    const matte = await decodeMatte(entry.bytes)
    const { refineForeground, threshold, crop } = options
    const settings = { refineForeground: refine && refineForeground, threshold, crop }
    const task = { raster, matte, settings, mask: plan.mask !== undefined }
    return timed('foreground', () => engine.workers.compose(task, signal))
  }

  async function predict(raster: Raster, signal: AbortSignal): Promise<CacheEntry> {
    const { width, height } = fitInput(model, plan.operatingResolution, raster)
    const picture = await timed('prepare', () => resizeForModel(raster, width, height))
    const findWeights = () => ensureWeights(model, engine.config, { signal, onProgress })
    const started = performance.now()
    const { matte, inferenceMs } = await engine.workers.predict(model, findWeights, picture, signal, () =>
      onProgress?.({ stage: 'inference', done: 0, total: 1, model: model.id }),
    )
    onProgress?.({ stage: 'inference', done: 1, total: 1, model: model.id })
    timings.inference = inferenceMs
    timings.queue = (timings.queue ?? 0) + performance.now() - started - inferenceMs
    return holdMatte(plan, matte)
  }

  /** Waits for a slot, then makes one file. */
  async function make(
    fileName: string,
    refine: boolean,
    encode: (composed: Composed) => Promise<EncodedImage>,
    signal: AbortSignal,
  ): Promise<CacheEntry> {
    const asked = performance.now()
    const { slots } = engine
    onProgress?.({ stage: 'queue', done: 0, total: slots.size + slots.pending, model: model.id })
    try {
      return await slots.add(
        async () => {
          const started = performance.now()
          timings.queue = (timings.queue ?? 0) + started - asked
          composed ??= compose(refine, signal)
          const pixels = await composed
          onProgress?.({ stage: 'encode', done: 0, total: 1, model: model.id })
          const image = await timed('encode', () => encode(pixels))
          onProgress?.({ stage: 'encode', done: 1, total: 1, model: model.id })
          return holdPicture(fileName, image, performance.now() - started)
        },
        { signal },
      )
    } catch (error) {
      throw signal.aborted ? abortError(signal) : error
    }
  }

  const { outputFormat: format, outputQuality: quality, outputLossless: lossless, backgroundColor } = options
  return {
    timings,
    cutout: signal =>
      make(
        plan.fileName,
        true,
        ({ raster }) => encodeCutout(raster, { format, quality, lossless, backgroundColor }),
        signal,
      ),
    mask: signal =>
      make(
        plan.mask?.fileName ?? plan.fileName,
        false,
        ({ raster, mask = raster }) => encodeMask(mask, { format, quality, lossless }),
        signal,
      ),
  }
}

function holdPicture(fileName: string, image: EncodedImage, ms: number): CacheEntry {
  const { data, width, height, format, contentType } = image
  return { bytes: data, fileName, meta: { width, height, format, contentType, ms: Math.round(ms) } }
}

async function holdMatte(plan: Plan, matte: Matte): Promise<CacheEntry> {
  return {
    bytes: await encodeMatte(matte),
    fileName: `${plan.source.name}-${plan.model.id}-${plan.operatingResolution}.png`,
    meta: { width: matte.width, height: matte.height },
  }
}
