import { fitInputs } from '../models/resolution.ts'
import type { Logger, Size } from '../shared/types.ts'
import type { Plan } from './plan.ts'

/** Warns if the network runs several times on a picture so small that its matte does not get better. */
export type WarnOfPasses = (plan: Pick<Plan, 'model' | 'operatingResolution'>, picture: Size) => void

/** Returns a function that warns once per model. The matte is made as it was asked for. */
export function createPassesWarning(logger: Logger): WarnOfPasses {
  const warned = new Set<string>()
  return ({ model, operatingResolution }, { width, height }) => {
    const { id, passesFrom = 0, resolution } = model
    const isOnePass = fitInputs(model, operatingResolution, { width, height }).length === 1
    if (isOnePass || Math.max(width, height) >= passesFrom || warned.has(id)) return
    warned.add(id)
    logger.warn(
      `nobg: ${id} at ${operatingResolution} px runs the network several times on a picture of ${width}×${height} px. The edges of pictures below ${passesFrom} px do not get better. Omit operatingResolution (${resolution} px), or choose another model.`,
    )
  }
}
