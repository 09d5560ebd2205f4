/** Error of a matte. */
export interface MatteError {
  /** Sum of absolute differences of alpha in [0,1], in thousands: the unit of alphamatting.com. */
  sad: number
  /** The part of `sad` in or near the edges of the truth. It is not hidden by errors elsewhere. */
  edgeSad: number
  /** Mean squared difference of alpha in [0,1], × 1000. */
  mse: number
}

/** Distance from a translucent pixel of the truth up to which pixels belong to an edge, in px. */
const edgeReachPx = 10

/**
 * Returns the error of a matte over the whole picture.
 *
 * @param matte uint8, [height, width], alpha × 255; `truth` the same.
 * @see Rhemann et al., A Perceptually Motivated Online Benchmark for Image Matting, CVPR 2009
 */
export function measureMatteError(matte: Uint8Array, truth: Uint8Array, width: number): MatteError {
  const isEdge = markEdges(truth, width, edgeReachPx)
  let sum = 0
  let edgeSum = 0
  let squares = 0
  for (let i = 0; i < truth.length; i++) {
    const difference = Math.abs(matte[i] - truth[i]) / 255
    sum += difference
    squares += difference * difference
    if (isEdge[i]) edgeSum += difference
  }
  return { sad: sum / 1000, edgeSad: edgeSum / 1000, mse: (squares / truth.length) * 1000 }
}

/**
 * Marks edges with 1. A pixel is not at an edge if all pixels within `reach` px along both axes are opaque, or all are
 * transparent.
 *
 * @param truth uint8, [height, width], alpha × 255.
 * @returns uint8, [height, width]
 */
export function markEdges(truth: Uint8Array, width: number, reach: number): Uint8Array {
  const height = truth.length / width
  const least = slide(
    slide(truth, width, 1, height, width, reach, Math.min),
    height,
    width,
    width,
    1,
    reach,
    Math.min,
  )
  const most = slide(
    slide(truth, width, 1, height, width, reach, Math.max),
    height,
    width,
    width,
    1,
    reach,
    Math.max,
  )
  return least.map((low, i) => Number(low < 255 && most[i] > 0))
}

/** Returns the minimum or maximum over a window along one axis: `length` steps of `step`, in `lines` lines with the distance `stride`. */
function slide(
  data: Uint8Array,
  length: number,
  step: number,
  lines: number,
  stride: number,
  reach: number,
  choose: (a: number, b: number) => number,
): Uint8Array {
  const chosen = new Uint8Array(data.length)
  for (let line = 0; line < lines; line++) {
    for (let i = 0; i < length; i++) {
      const last = Math.min(length - 1, i + reach)
      let value = data[line * stride + i * step]
      for (let j = Math.max(0, i - reach); j <= last; j++)
        value = choose(value, data[line * stride + j * step])
      chosen[line * stride + i * step] = value
    }
  }
  return chosen
}
