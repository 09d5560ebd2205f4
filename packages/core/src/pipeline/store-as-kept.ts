import type { Cache, CacheResult } from '../cache/cache.ts'
import { cutoutKey, givenMatteKey, maskKey } from './keys.ts'
import type { RenderContext } from './render-context.ts'

/**
 * Stores new files of a plan under the keys that they have from the next start on, if this rendering kept their matte. Without
 * this, the second build would make every picture again. The files are exact: they were made of the pixels of the kept matte.
 */
export async function storeAsKept(
  { plan, keptDigest }: RenderContext,
  cutouts: Cache,
  cutout: CacheResult,
  mask: CacheResult | undefined,
): Promise<void> {
  if (!keptDigest || cutout.cached) return
  const { source, options } = plan
  const matte = givenMatteKey(source.digest, keptDigest)
  await cutouts.copy(plan.key, cutoutKey(matte, source.name, options), cutout.entry)
  if (mask && plan.mask && !mask.cached)
    await cutouts.copy(plan.mask.key, maskKey(matte, source.name, options), mask.entry)
}
