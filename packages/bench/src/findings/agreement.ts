import type { Matte } from '@nobg/core'
import { applyMatte } from '../../../core/src/matting/apply.ts'

/** How well a matte agrees with the true one, in [0,1]; 1 if both are empty. */
export interface Agreement {
  /** Intersection over union of what has an alpha of 50 % or more. */
  iou: number
  /** The same with alpha as a share: Σ min ÷ Σ max. A subject that is half transparent has 0.5, whatever its size. */
  softIou: number
}

/** Compares a predicted matte of any size with the true one: uint8, [height, width]. */
export function measureAgreement(matte: Matte, { data, width, height }: Matte): Agreement {
  const blank = { data: new Uint8Array(width * height * 3), width, height, channels: 3 } as const
  const enlarged = applyMatte(blank, matte, 'bilinear').data
  let [both, either, least, most] = [0, 0, 0, 0]
  for (let i = 0; i < data.length; i++) {
    const alpha = enlarged[i * 4 + 3]
    least += Math.min(alpha, data[i])
    most += Math.max(alpha, data[i])
    if (alpha >= 128 && data[i] >= 128) both++
    if (alpha >= 128 || data[i] >= 128) either++
  }
  return { iou: either > 0 ? both / either : 1, softIou: most > 0 ? least / most : 1 }
}

/** `gray` lies between good and bad. */
export type Label = 'good' | 'gray' | 'bad'

/**
 * Labels a prediction. Bad: a fifth of the shape is wrong, or three tenths of its alpha; everybody sees both. Good: at most
 * 7 % of the shape is wrong, and 15 % of alpha, which is what soft edges of a small subject cost at 320 px.
 */
export function labelAgreement({ iou, softIou }: Agreement): Label {
  if (iou < 0.8 || softIou < 0.7) return 'bad'
  return iou >= 0.93 && softIou >= 0.85 ? 'good' : 'gray'
}
