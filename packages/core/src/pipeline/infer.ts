import type { Cache } from '../cache/cache.ts'
import { dismissOptimized, ensureWeights, hasWeights } from '../models/weights.ts'
import type { Raster, RunOptions } from '../shared/types.ts'
import type { PredictionRun, Workers } from '../workers/pools.ts'
import type { Prediction } from '../workers/predict-matte.ts'
import type { ResolvedConfig } from './config.ts'
import type { Plan } from './plan.ts'

/** What running the planned model needs. */
interface Inference {
  plan: Plan
  config: ResolvedConfig
  workers: Workers
  mattes: Cache
}

/** Whether the planned matte can be made without fetching weights: it is cached, the weights are on disk, or a server runs the model. */
export async function canInfer({ plan, config, mattes }: Omit<Inference, 'workers'>): Promise<boolean> {
  return (
    Boolean(config.remote) ||
    (await hasWeights(plan.model, config)) ||
    (await mattes.get(plan.matteKey)) !== undefined
  )
}

/**
 * Fetches the model's weights if they are missing. Call this before taking an image thread: otherwise a long download blocks
 * pictures whose weights are present.
 *
 * @throws {NobgError} WEIGHTS_UNAVAILABLE, WEIGHTS_CORRUPT, ABORTED
 */
export async function fetchAhead({ plan, config }: Inference, run: RunOptions): Promise<void> {
  await ensureWeights(plan.model, config, run)
}

/**
 * Runs the planned model. A damaged optimized file is made again; if an optimized file is intact but does not open, the
 * original is used.
 *
 * @param pictures each uint8, [height, width, 3], sizes ascending: the network's input, then pictures to run in tiles.
 * @throws {NobgError} WEIGHTS_UNAVAILABLE, WEIGHTS_CORRUPT, INFERENCE_FAILED, ABORTED
 */
export async function inferMatte(
  { plan, config, workers }: Inference,
  pictures: readonly Raster[],
  run: RunOptions & PredictionRun,
): Promise<Prediction> {
  const { model } = plan
  for (let isSecond = false; ; isSecond = true) {
    const weights = await ensureWeights(model, config, run)
    const { path, bytes, sha256 } = weights
    try {
      return await workers.predict({ ...model, bytes, sha256 }, path, pictures, run)
    } catch (error) {
      if (isSecond || !(await dismissOptimized(model, weights, config, error))) throw error
    }
  }
}
