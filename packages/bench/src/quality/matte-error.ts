/** How far a matte lies from the true one. */
export interface MatteError {
  /** Sum of absolute differences of alpha in [0,1], in thousands: the unit of alphamatting.com. */
  sad: number
  /** The part of `sad` that lies in or near the truth's edges, where the whole of it does not drown what edges do. */
  edgeSad: number
  /** Mean squared difference of alpha in [0,1], × 1000. */
  mse: number
}

/** How far from a translucent pixel of the truth an edge still is, in px. */
const edgeReachPx = 10

/**
 * Compares two mattes over the whole picture.
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
 * Marks with 1 each pixel that has, within `reach` px along both axes, neither only opaque nor only transparent pixels.
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

/** The least or greatest of a window along one axis: `length` steps of `step`, in `lines` lines that lie `stride` apart. */
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
