import type { CacheEntry } from '../cache/entry.ts'
import { freeMemory } from '../image/memory.ts'
import { fitInputs } from '../models/resolution.ts'
import type { Raster } from '../shared/types.ts'
import type { ImageThread } from '../workers/image-thread.ts'
import { inferMatte } from './infer.ts'
import { predictRemotely } from './remote.ts'
import { addTime, measure, type RenderContext, report } from './render-context.ts'

/** A decoded picture above this takes more than 48 MB, and the encoder as much. */
const LARGE_PIXELS = 16e6

interface Size {
  width: number
  height: number
}

/** Predicts the matte of the plan, and encodes it for the cache. @throws {NobgError} as `Remover.ensure` does */
export async function predictMatte(
  context: RenderContext,
  thread: ImageThread,
  size: Size,
  signal: AbortSignal,
): Promise<CacheEntry> {
  const { plan, onProgress } = context
  const { model, source, operatingResolution } = plan
  context.warnOfPasses(plan, size)
  const pictures: Raster[] = []
  await measure(context, 'prepare', async () => {
    for (const input of fitInputs(model, operatingResolution, size))
      pictures.push(await thread.run('prepare', input, signal))
  })
  if (savesMemory(context)) await thread.run('release', undefined, signal)
  const askedAt = performance.now()
  const isLarge = size.width * size.height > LARGE_PIXELS
  const onPass = (done: number, total: number) => report(context, 'inference', done, total)
  const prediction = context.config.remote
    ? await askRemote(context, thread, pictures, signal)
    : await inferMatte(context, pictures, { isLarge, signal, onProgress, onPass })
  for (const { data } of pictures) freeMemory(data)
  const { matte, executionProvider, passes } = prediction
  // A remote server may report a longer time than this machine waited.
  const inferenceMs = Math.min(prediction.inferenceMs, performance.now() - askedAt)
  addTime(context, 'queue', askedAt + inferenceMs)
  context.timings.inference = inferenceMs
  context.ran.executionProvider = executionProvider
  onPass(passes, passes)
  const { width, height } = matte
  const { data } = await thread.run('encodeMatte', matte, signal)
  return {
    bytes: data,
    fileName: `${source.name}-${model.id}-${operatingResolution}.png`,
    meta: { width, height },
  }
}

/** Whether memory counts more than time: by default for a single picture, not in a batch. */
function savesMemory({ config, workers }: RenderContext): boolean {
  return config.memory === 'low' || (config.memory === 'auto' && workers.countPictures() === 1)
}

/** Sends the finest picture to the server `remote`. The matte that it returns is checked before it is cached. */
async function askRemote(
  context: RenderContext,
  thread: ImageThread,
  pictures: Raster[],
  signal: AbortSignal,
) {
  report(context, 'inference', 0)
  const { data: input } = await thread.run('encodeInput', pictures[pictures.length - 1], signal)
  const { png: data, inferenceMs } = await predictRemotely(context.plan, context.config, input, { signal })
  const matte = await thread.run('readMatte', { data: new Uint8Array(data) }, signal)
  return { matte, inferenceMs, executionProvider: undefined, passes: 1 }
}
