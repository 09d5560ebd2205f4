import * as threads from 'node:worker_threads'
import type { CacheEntry } from '../cache/entry.ts'
import type { EncodedImage } from '../image/encode.ts'
import { copyBytes } from '../image/memory.ts'
import { NobgError } from '../shared/errors.ts'
import type { Matte, Raster, Size } from '../shared/types.ts'
import type { ImageThread } from '../workers/image-thread.ts'
import { findMatte } from './find-matte.ts'
import { canInfer, fetchAhead } from './infer.ts'
import type { Plan, PlannedFile } from './plan.ts'
import { acceptsEmpty, encodeCheck, type MatteCheck } from './quality.ts'
import { addTime, measure, type RenderContext, report } from './render-context.ts'

/** The pixels of a cutout, and the check of its matte. */
interface Pixels {
  /** uint8, [height, width, 4], straight alpha. */
  raster: Raster
  /** The raster's alpha channel, uint8, [height, width], if `outputMask` is set. */
  mask?: Matte
  check: MatteCheck
}

/** Encodes the cutout, and the mask if one is planned. @throws {NobgError} as `Remover.ensure` does */
export function makeCutout(context: RenderContext, signal: AbortSignal): Promise<CacheEntry> {
  const { plan } = context
  const { backgroundColor, refineForeground } = plan.options
  return runOnThread(context, signal, async (thread, signal) => {
    await compose(context, thread, refineForeground, signal)
    const settings = { ...readEncoding(plan), backgroundColor }
    if (plan.mask) context.mask = await encodeMask(context, plan.mask, thread, signal)
    return encode(context, plan, () => thread.run('encodeCutout', settings, signal))
  })
}

/** Encodes the mask. Estimates no foreground, since only alpha is needed. @throws {NobgError} as `Remover.ensure` does */
export async function makeMask(
  context: RenderContext,
  file: PlannedFile,
  signal: AbortSignal,
): Promise<CacheEntry> {
  return (
    context.mask ??
    runOnThread(context, signal, async (thread, signal) => {
      await compose(context, thread, false, signal)
      return encodeMask(context, file, thread, signal)
    })
  )
}

/** Predicts the matte and keeps it, without a cutout. @throws {NobgError} as `Remover.ensure` does */
export function makeKeptMatte(context: RenderContext, signal: AbortSignal): Promise<void> {
  return runOnThread(context, signal, async (thread, signal) => {
    await findMatte(context, thread, await decode(context, thread, signal), signal)
  })
}

/** Makes the pixels without encoding them or writing to the cutout cache. @throws {NobgError} as `Remover.ensure` does */
export function makePixels(context: RenderContext, signal: AbortSignal): Promise<Pixels> {
  const { plan } = context
  return runOnThread(context, signal, async (thread, signal) => {
    const check = await compose(context, thread, plan.options.refineForeground, signal)
    const mask = plan.mask && (await thread.run('getAlpha', undefined, signal))
    const raster = await thread.run('getRaster', undefined, signal)
    return mask ? { raster, mask, check } : { raster, check }
  })
}

type ThreadJob<Made> = (thread: ImageThread, signal: AbortSignal) => Promise<Made>

async function runOnThread<Made>(
  context: RenderContext,
  signal: AbortSignal,
  job: ThreadJob<Made>,
): Promise<Made> {
  report(context, 'queue', 0, context.workers.countPictures())
  if (context.plan.matte.origin === 'predicted' && !(await canInfer(context))) {
    // A picture that cannot be decoded starts no download.
    await waitForThread(context, signal, (thread, signal) => decode(context, thread, signal))
    await measure(context, 'queue', () => fetchAhead(context, { signal, onProgress: context.onProgress }))
  }
  return waitForThread(context, signal, job)
}

function waitForThread<Made>(
  context: RenderContext,
  signal: AbortSignal,
  job: ThreadJob<Made>,
): Promise<Made> {
  const queuedAt = performance.now()
  return context.workers.withImageThread((thread, signal) => {
    addTime(context, 'queue', queuedAt)
    return job(thread, signal)
  }, signal)
}

async function compose(
  context: RenderContext,
  thread: ImageThread,
  refineForeground: Plan['options']['refineForeground'],
  signal: AbortSignal,
): Promise<MatteCheck> {
  const { options } = context.plan
  const { matteUpsampling, threshold, crop } = options
  const size = await decode(context, thread, signal)
  await findMatte(context, thread, size, signal)
  await measure(context, 'decode', () => thread.run('restore', undefined, signal))
  const allowEmpty = acceptsEmpty(options, context.config)
  const settings = { matteUpsampling, refineForeground, threshold, crop, allowEmpty }
  const check = await nameFile(
    context,
    measure(context, 'foreground', () => thread.run('compose', settings, signal)),
  )
  context.check = context.isReviewed ? { ...check, findings: [] } : check
  return context.check
}

async function decode(context: RenderContext, thread: ImageThread, signal: AbortSignal): Promise<Size> {
  const { source } = context.plan
  const { maxPixels, svg } = context.config
  const data = await measure(context, 'read', async () => {
    const bytes = await source.bytes()
    // Only bytes that were read from a file for this call may be moved; all others belong to the caller.
    return source.path && isMovable(bytes) ? bytes : copyBytes(bytes, signal)
  })
  const picture = { data, shape: source.shape, maxPixels, svg }
  return nameFile(
    context,
    measure(context, 'decode', () => thread.run('decode', picture, signal)),
  )
}

/** Adds the source's path to an error: a program that processes many files must know which one failed. */
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

function readEncoding({ options }: Plan) {
  const { outputFormat: format, outputQuality: quality, outputLossless: lossless } = options
  return { format, quality, lossless }
}

function encodeMask(
  context: RenderContext,
  file: PlannedFile,
  thread: ImageThread,
  signal: AbortSignal,
): Promise<CacheEntry> {
  return encode(context, file, () => thread.run('encodeMask', readEncoding(context.plan), signal))
}

async function encode(
  context: RenderContext,
  { fileName }: PlannedFile,
  job: () => Promise<EncodedImage>,
): Promise<CacheEntry> {
  report(context, 'encode', 0)
  const { data, ...picture } = await measure(context, 'encode', job)
  report(context, 'encode', 1)
  const { queue = 0, ...stages } = context.timings
  const ms = Math.round(Object.values(stages).reduce((sum, stage) => sum + stage, 0))
  return { bytes: data, fileName, meta: { ...picture, ms, ...(context.check && encodeCheck(context.check)) } }
}
