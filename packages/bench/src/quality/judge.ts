import type { Matte, Raster, Remover } from '@nobg/core'
import { composeCutout } from '../../../core/src/matting/compose.ts'
import { measureForegroundError } from './foreground-error.ts'
import { measureGradientError } from './gradient-error.ts'
import { type MatteError, measureMatteError } from './matte-error.ts'
import type { Trial } from './trials.ts'
import type { Truth } from './truth.ts'

/** Errors of a trial: means over all pictures that have the figure. */
export interface Quality extends MatteError {
  gradient: number
  /** Error of the colors in levels of 255, without refinement. */
  foreground: number
  /** The same with refinement. */
  refinedForeground: number
  /** Wall time inside `InferenceSession.run` per picture, over the pictures whose matte was not cached. */
  inferenceMs: number
}

/** A cutout and the time of its inference. */
interface Attempt {
  raster: Raster
  inferenceMs: number | undefined
}

type OnFigures = (truth: Truth, figures: Partial<Quality>) => void

type Cut = (truth: Truth, refineForeground: boolean) => Promise<Attempt>

/**
 * Runs a trial over all truths. Errors of the matte are measured on photographs only, because a composite repeats the subject
 * of a photograph. Errors of the foreground are measured on both.
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
      // A missed subject counts as an error of the matte.
      allowEmpty: true,
    })
    return { raster, inferenceMs: timings.inference }
  })
}

/** Measures refinement alone, with the true matte in place of a predicted one. */
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
    // The cutout without refinement comes first: it runs the network, and the other uses the cached matte.
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

/** Returns the mean of each figure over all pictures that have it; NaN if no picture has it. */
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
