import type { CacheEntry } from '../cache/entry.ts'
import { copyBytes } from '../image/memory.ts'
import type { KeptSubject } from '../mattes/place.ts'
import { NobgError } from '../shared/errors.ts'
import { digestBytes } from '../shared/hash.ts'
import type { Source } from '../shared/types.ts'
import type { ImageThread } from '../workers/image-thread.ts'
import { predictMatte } from './predict-matte.ts'
import { acceptsEmpty } from './quality.ts'
import type { RenderContext } from './render-context.ts'

interface Size {
  width: number
  height: number
}

/**
 * Gives the thread its matte: the user's own, the kept one, or the predicted one, which is kept if the plan says so.
 *
 * @throws {NobgError} INVALID_MATTE, and what predicting throws
 */
export async function findMatte(
  context: RenderContext,
  thread: ImageThread,
  size: Size,
  signal: AbortSignal,
): Promise<void> {
  const { matte } = context.plan
  if (matte.origin !== 'predicted') {
    await readGivenMatte(context, thread, matte.source, signal)
    return
  }
  const { bytes } = await predictOnce(context, thread, size, signal)
  await thread.run('decodeMatte', { bytes }, signal)
  if (matte.keep) await keepMatte(context, thread, matte.keep, signal)
}

async function readGivenMatte(
  context: RenderContext,
  thread: ImageThread,
  source: Source,
  signal: AbortSignal,
): Promise<void> {
  const { plan, config } = context
  const data = await copyBytes(await source.bytes(), signal)
  const allowSquare = plan.matte.origin === 'kept'
  try {
    const input = { data, shape: source.shape, allowSquare, maxPixels: config.maxPixels }
    const { isEmpty, isReviewed } = await thread.run('decodeGivenMatte', input, signal)
    context.isReviewed = isReviewed
    if (isEmpty && !acceptsEmpty(plan.options, config)) throw empty()
  } catch (cause) {
    if (!(cause instanceof NobgError) || cause.code === 'ABORTED') throw cause
    const { path = plan.source.name } = plan.source
    const matte = source.path ?? 'the given matte'
    const error = new NobgError(
      'INVALID_MATTE',
      `${cause.message.replace(/\.$/, '')}: ${matte}, for ${path}`,
      {
        hint: cause.hint,
        cause,
      },
    )
    error.source = plan.source.path
    error.matte = source.path
    throw error
  }
}

async function keepMatte(
  context: RenderContext,
  thread: ImageThread,
  subject: KeptSubject,
  signal: AbortSignal,
): Promise<void> {
  const { kept, keyOfKept, plan } = context
  if (!kept) return
  const { data } = await thread.run('encodeKeptMatte', undefined, signal)
  // Until the next start, plans keep the key that this plan has: an address that a dev server gave out stays valid.
  const digest = await digestBytes(data)
  keyOfKept.set(digest, plan.matteKey)
  const isPredicted = (bytes: Uint8Array) =>
    thread.run('isPredictedMatte', { data: new Uint8Array(bytes) }, signal)
  if (await kept.put(subject, data, isPredicted)) context.keptDigest = digest
}

async function predictOnce(
  context: RenderContext,
  thread: ImageThread,
  size: Size,
  signal: AbortSignal,
): Promise<CacheEntry> {
  const { plan, mattes } = context
  for (;;) {
    try {
      const create = (signal: AbortSignal) => predictMatte(context, thread, size, signal)
      return (await mattes.getOrCreate(plan.matteKey, create, { signal })).entry
    } catch (error) {
      // The call that was making this matte was aborted. This call was not, so it makes the matte itself.
      const isOthers = error instanceof NobgError && error.code === 'ABORTED' && !signal.aborted
      if (!isOthers) throw error
    }
  }
}

function empty(): NobgError {
  return new NobgError(
    'INVALID_MATTE',
    'Expected a matte with a subject, got a matte that is completely transparent.',
    {
      hint: 'Make the subject white (or opaque) in the matte, or set `allowEmpty` to get the empty cutout.',
    },
  )
}
