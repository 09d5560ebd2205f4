import type { BenchModel } from '../pipelines/pipeline.ts'

/** Pictures that are cut out together. */
export interface PictureBatch {
  model: BenchModel
  /** Number of pictures. */
  count: number
  /** Megapixels of the pictures, in turns. */
  sizes: readonly number[]
}

/** A contestant with the number of pictures that it gets at a time. */
export interface BatchEntrant {
  /** Id of the contestant. */
  id: string
  /** Its name in the table. */
  title: string
  ours: boolean
  /** Number of pictures that it gets at the same time; 0: all. */
  atOnce: number
}

export const batches: readonly PictureBatch[] = [
  { model: 'u2netp', count: 50, sizes: [1, 4, 12] },
  { model: 'u2netp', count: 8, sizes: [24] },
  { model: 'isnet', count: 6, sizes: [1, 4, 12] },
]

export const quickBatches: readonly PictureBatch[] = [{ model: 'u2netp', count: 8, sizes: [1, 4, 12] }]

/** transformers.js accepts one picture per call, so users who want more speed make two calls at a time. */
export const batchEntrants: readonly BatchEntrant[] = [
  { id: 'nobg', title: 'nobg, not refined', ours: true, atOnce: 0 },
  { id: 'nobg-refined', title: 'nobg, refined', ours: true, atOnce: 0 },
  { id: 'transformers', title: 'transformers.js, one by one', ours: false, atOnce: 1 },
  { id: 'transformers', title: 'transformers.js, two at a time', ours: false, atOnce: 2 },
]

/** Returns model, number and sizes of a batch as text. */
export function describeBatch({ model, count, sizes }: PictureBatch): string {
  return `${model}, ${count} of ${sizes.join(', ')} MP`
}
