import type { Model } from '../models/model.ts'
import { isNative } from '../models/resolution.ts'
import type { Logger } from '../shared/types.ts'

/** Warns if a model runs in several passes that do not improve its mattes. */
export type WarnOfPasses = (model: Model, operatingResolution: number) => void

/** Returns a function that warns once per model. The picture is made as it was asked for. */
export function createPassesWarning(logger: Logger): WarnOfPasses {
  const warned = new Set<string>()
  return (model, operatingResolution) => {
    if (model.gainsFromPasses !== false || isNative(model, operatingResolution) || warned.has(model.id)) return
    warned.add(model.id)
    logger.warn(
      `nobg: ${model.id} at ${operatingResolution} px runs the network several times per picture, and its mattes do not get better. Omit operatingResolution (${model.resolution} px), or choose another model.`,
    )
  }
}
