import type { Matte, Raster, Remover } from '@nobg/core'
import { composeCutout } from '../../../core/src/matting/compose.ts'
import { measureForegroundError } from './foreground-error.ts'
import { measureGradientError } from './gradient-error.ts'
import { type MatteError, measureMatteError } from './matte-error.ts'
import type { Trial } from './trials.ts'
import type { Truth } from './truth.ts'

/** How good a trial is, the mean over all pictures that tell. */
export interface Quality extends MatteError {
  gradient: number
  /** In levels, without and with refinement. */
  foreground: number
  refinedForeground: number
  /** Wall time inside `InferenceSession.run` a picture, of those whose matte was not there yet. */
  inferenceMs: number
}

/** A cut-out as judged: its pixels, and how long the network took. */
interface Attempt {
  raster: Raster
  inferenceMs: number | undefined
}

type OnFigures = (truth: Truth, figures: Partial<Quality>) => void

type Cut = (truth: Truth, refineForeground: boolean) => Promise<Attempt>

/**
 * Runs a trial over all truths. Errors of the matte are of photographs alone: a composite shows a subject that has
 * counted already. Errors of the foreground are of both.
 *
 * @param onFigures called with the figures of each picture.
 */
export function judgeTrial(
  remover: Remover,
  options: Trial,
  truths: readonly Truth[],
  onFigures: OnFigures,
): Promise<Quality> {
  return judge(truths, onFigures, async ({ picture, width, height }, refineForeground) => {
    const image = { data: picture, width, height, channels: 3 } as const
    const { raster, timings } = await remover.composeCutout(image, {
      ...options,
      refineForeground,
      // A subject that a model does not find is an error of its matte like any other.
      allowEmpty: true,
    })
    return { raster, inferenceMs: timings.inference }
  })
}

/** What refinement alone does: the same with the true matte in place of a model's. */
export function judgeTruth(truths: readonly Truth[]): Promise<Quality> {
  return judge(
    truths,
    () => {},
    async ({ picture, width, height, alpha }, refine) => {
      const raster: Raster = { data: picture, width, height, channels: 3 }
      const matte: Matte = { data: alpha, width, height }
      const refineForeground = refine && 'multi-level'
      return {
        raster: composeCutout(raster, matte, { matteUpsampling: 'guided', refineForeground }).raster,
        inferenceMs: undefined,
      }
    },
  )
}

async function judge(truths: readonly Truth[], onFigures: OnFigures, cut: Cut): Promise<Quality> {
  const figures: Partial<Quality>[] = []
  for (const truth of truths) {
    const { foreground, alpha, width } = truth
    // Without refinement first: that one runs the network, the other finds its matte in the cache.
    const plain = await cut(truth, false)
    const matte = plain.raster.data.filter((_, i) => i % 4 === 3)
    const found = {
      ...(!truth.isComposite && {
        ...measureMatteError(matte, alpha, width),
        gradient: measureGradientError(matte, alpha, width),
      }),
      inferenceMs: truth.isComposite ? undefined : plain.inferenceMs,
      ...(foreground && {
        foreground: measureForegroundError(plain.raster.data, alpha, foreground),
        refinedForeground: measureForegroundError((await cut(truth, true)).raster.data, alpha, foreground),
      }),
    }
    figures.push(found)
    onFigures(truth, found)
  }
  return averageFigures(figures)
}

/** The mean of each figure over those who have it; NaN where none has. */
export function averageFigures(figures: readonly Partial<Quality>[]): Quality {
  const mean = (name: keyof Quality) => {
    const values = figures.flatMap(one => one[name] ?? [])
    return values.reduce((sum, value) => sum + value, 0) / values.length
  }
  return {
    sad: mean('sad'),
    edgeSad: mean('edgeSad'),
    mse: mean('mse'),
    gradient: mean('gradient'),
    foreground: mean('foreground'),
    refinedForeground: mean('refinedForeground'),
    inferenceMs: mean('inferenceMs'),
  }
}
