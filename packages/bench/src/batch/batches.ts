import type { BenchModel } from '../pipelines/pipeline.ts'

/** Pictures that are cut out together. */
export interface PictureBatch {
  model: BenchModel
  /** How many. */
  count: number
  /** Megapixels, which the pictures have by turns. */
  sizes: readonly number[]
}

/** Somebody who cuts out a batch. */
export interface BatchEntrant {
  /** Of the contestant. */
  id: string
  /** What the table calls it. */
  title: string
  ours: boolean
  /** Pictures that it is given at the same time, 0 for all of them. */
  atOnce: number
}

export const batches: readonly PictureBatch[] = [
  { model: 'u2netp', count: 50, sizes: [1, 4, 12] },
  { model: 'u2netp', count: 8, sizes: [24] },
  { model: 'isnet', count: 6, sizes: [1, 4, 12] },
]

export const quickBatches: readonly PictureBatch[] = [{ model: 'u2netp', count: 8, sizes: [1, 4, 12] }]

/** transformers.js refuses more than one picture in a call; what its users can do is to make two calls at a time. */
export const batchEntrants: readonly BatchEntrant[] = [
  { id: 'nobg', title: 'nobg, not refined', ours: true, atOnce: 0 },
  { id: 'nobg-refined', title: 'nobg, refined', ours: true, atOnce: 0 },
  { id: 'transformers', title: 'transformers.js, one by one', ours: false, atOnce: 1 },
  { id: 'transformers', title: 'transformers.js, two at a time', ours: false, atOnce: 2 },
]

/** A batch in words. */
export function describeBatch({ model, count, sizes }: PictureBatch): string {
  return `${model}, ${count} of ${sizes.join(', ')} MP`
}
