import * as threads from 'node:worker_threads'
import type { CacheEntry } from '../cache/entry.ts'
import type { EncodedImage } from '../image/encode.ts'
import { copyBytes, freeMemory } from '../image/memory.ts'
import { fitInputs } from '../models/resolution.ts'
import { NobgError } from '../shared/errors.ts'
import type { Matte, Raster } from '../shared/types.ts'
import type { ImageThread } from '../workers/image-thread.ts'
import { fetchAhead, inferMatte } from './infer.ts'
import type { Plan, PlannedFile } from './plan.ts'
import { predictRemotely } from './remote.ts'
import { addTime, measure, type RenderContext, report } from './render-context.ts'

/** A cut-out as pixels. */
interface Pixels {
  /** uint8, [height, width, 4], straight alpha. */
  raster: Raster
  /** The raster's alpha plane, where `outputMask` asks for it. */
  mask?: Matte
}

/** Makes the cut-out's file, and the planned mask's along with it. @throws {NobgError} as `Remover.ensure` does */
export function makeCutout(work: RenderContext, signal: AbortSignal): Promise<CacheEntry> {
  const { plan } = work
  const { backgroundColor, refineForeground } = plan.options
  return attend(work, signal, async (thread, signal) => {
    await compose(work, thread, refineForeground, signal)
    const settings = { ...readEncoding(plan), backgroundColor }
    if (plan.mask) work.mask = await encodeMask(work, plan.mask, thread, signal)
    return encode(work, plan, () => thread.run('encodeCutout', settings, signal))
  })
}

/** Makes the mask's file; without foreground estimation, where the cut-out is there already. @throws {NobgError} as above */
export async function makeMask(
  work: RenderContext,
  file: PlannedFile,
  signal: AbortSignal,
): Promise<CacheEntry> {
  return (
    work.mask ??
    attend(work, signal, async (thread, signal) => {
      await compose(work, thread, false, signal)
      return encodeMask(work, file, thread, signal)
    })
  )
}

/** Makes the pixels alone: neither a file nor anything in the cut-out cache. @throws {NobgError} as above */
export function makePixels(work: RenderContext, signal: AbortSignal): Promise<Pixels> {
  const { plan } = work
  return attend(work, signal, async (thread, signal) => {
    await compose(work, thread, plan.options.refineForeground, signal)
    const mask = plan.mask && (await thread.run('takeAlpha', undefined, signal))
    const raster = await thread.run('takeRaster', undefined, signal)
    return mask ? { raster, mask } : { raster }
  })
}

type Attendance<Made> = (thread: ImageThread, signal: AbortSignal) => Promise<Made>

async function attend<Made>(work: RenderContext, signal: AbortSignal, job: Attendance<Made>): Promise<Made> {
  const asked = performance.now()
  report(work, 'queue', 0, work.workers.countPictures())
  await fetchAhead(work, { signal, onProgress: work.onProgress })
  return work.workers.withImageThread((thread, signal) => {
    addTime(work, 'queue', asked)
    return job(thread, signal)
  }, signal)
}

async function compose(
  work: RenderContext,
  thread: ImageThread,
  refineForeground: Plan['options']['refineForeground'],
  signal: AbortSignal,
): Promise<void> {
  const { matteUpsampling, threshold, crop, allowEmpty } = work.plan.options
  const size = await decode(work, thread, signal)
  const { bytes } = await findMatte(work, thread, size, signal)
  await thread.run('decodeMatte', { bytes }, signal)
  const settings = { matteUpsampling, refineForeground, threshold, crop, allowEmpty }
  await nameFile(
    work,
    measure(work, 'foreground', () => thread.run('compose', settings, signal)),
  )
}

interface Size {
  width: number
  height: number
}

async function decode(work: RenderContext, thread: ImageThread, signal: AbortSignal): Promise<Size> {
  const { source } = work.plan
  const { maxPixels } = work.config
  const data = await measure(work, 'read', async () => {
    const bytes = await source.bytes()
    // What was not read for this call alone belongs to the caller.
    return source.path && isMovable(bytes) ? bytes : copyBytes(bytes, signal)
  })
  const picture = { data, shape: source.shape, maxPixels }
  return nameFile(
    work,
    measure(work, 'decode', () => thread.run('decode', picture, signal)),
  )
}

/** The pixels do not know which file they come from, and a program that cuts out many files wants to. */
async function nameFile<Value>({ plan }: RenderContext, step: Promise<Value>): Promise<Value> {
  try {
    return await step
  } catch (error) {
    if (error instanceof NobgError) error.source = plan.source.path
    throw error
  }
}

function isMovable({ buffer, byteLength }: Uint8Array): boolean {
  return byteLength === buffer.byteLength && !threads.isMarkedAsUntransferable(buffer)
}

async function findMatte(
  work: RenderContext,
  thread: ImageThread,
  size: Size,
  signal: AbortSignal,
): Promise<CacheEntry> {
  const { plan, mattes } = work
  for (;;) {
    try {
      const create = (signal: AbortSignal) => predict(work, thread, size, signal)
      return (await mattes.getOrCreate(plan.matteKey, create, { signal })).entry
    } catch (error) {
      // Whoever was making it has been aborted, and his pixels have gone with him: now it is made here.
      const isOthers = error instanceof NobgError && error.code === 'ABORTED' && !signal.aborted
      if (!isOthers) throw error
    }
  }
}

async function predict(
  work: RenderContext,
  thread: ImageThread,
  size: Size,
  signal: AbortSignal,
): Promise<CacheEntry> {
  const { plan, onProgress } = work
  const { model, source, operatingResolution } = plan
  const pictures: Raster[] = []
  await measure(work, 'prepare', async () => {
    for (const input of fitInputs(model, operatingResolution, size))
      pictures.push(await thread.run('prepare', input, signal))
  })
  const asked = performance.now()
  const onPass = (done: number, total: number) => report(work, 'inference', done, total)
  const prediction = work.config.remote
    ? await askRemote(work, thread, pictures, signal)
    : await inferMatte(work, pictures, { signal, onProgress }, onPass)
  for (const { data } of pictures) freeMemory(data)
  const { matte, inferenceMs, executionProvider, looks } = prediction
  addTime(work, 'queue', asked + inferenceMs)
  work.timings.inference = inferenceMs
  work.ran.executionProvider = executionProvider
  onPass(looks, looks)
  const { width, height } = matte
  const { data } = await thread.run('encodeMatte', matte, signal)
  return {
    bytes: data,
    fileName: `${source.name}-${model.id}-${operatingResolution}.png`,
    meta: { width, height },
  }
}

/** Another machine runs the network, on the finest picture; its matte is checked before it gets into a cache. */
async function askRemote(work: RenderContext, thread: ImageThread, pictures: Raster[], signal: AbortSignal) {
  report(work, 'inference', 0)
  const { data: input } = await thread.run('encodeInput', pictures[pictures.length - 1], signal)
  const { png: data, inferenceMs } = await predictRemotely(work.plan, work.config, input, { signal })
  const matte = await thread.run('readMatte', { data: new Uint8Array(data) }, signal)
  return { matte, inferenceMs, executionProvider: undefined, looks: 1 }
}

function readEncoding({ options }: Plan) {
  const { outputFormat: format, outputQuality: quality, outputLossless: lossless } = options
  return { format, quality, lossless }
}

function encodeMask(
  work: RenderContext,
  file: PlannedFile,
  thread: ImageThread,
  signal: AbortSignal,
): Promise<CacheEntry> {
  return encode(work, file, () => thread.run('encodeMask', readEncoding(work.plan), signal))
}

async function encode(
  work: RenderContext,
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
