const sigma = 1.4

/** Radius of the filter in px. Beyond it the Gaussian of σ = 1.4 is below 0.01; the reference code has the same radius. */
const reach = 4

const offsets = Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach)
/** A Gaussian and its derivative, each with an L2 norm of 1, so that their product has an L2 norm of 1. */
const smooth = toUnitLength(offsets.map(x => Math.exp((-x * x) / (2 * sigma * sigma))))
const derive = toUnitLength(offsets.map(x => -x * Math.exp((-x * x) / (2 * sigma * sigma))))

/**
 * Returns the sum of squared differences between the gradient magnitudes of two mattes, in thousands. The gradient filter is
 * a Gaussian derivative of σ = 1.4. Pixels at the border are repeated.
 *
 * @param matte uint8, [height, width], alpha × 255; `truth` the same.
 * @see Rhemann et al., A Perceptually Motivated Online Benchmark for Image Matting, CVPR 2009; the filter as in its MATLAB code
 */
export function measureGradientError(matte: Uint8Array, truth: Uint8Array, width: number): number {
  const ours = measureGradients(matte, width)
  const theirs = measureGradients(truth, width)
  let sum = 0
  for (let i = 0; i < ours.length; i++) sum += (ours[i] - theirs[i]) ** 2
  return sum / 1000
}

/** Returns the gradient magnitudes of alpha in [0,1]: float64, [height, width]. */
function measureGradients(matte: Uint8Array, width: number): Float64Array {
  const alpha = Float64Array.from(matte, level => level / 255)
  const across = filterColumns(filterRows(alpha, width, derive), width, smooth)
  const down = filterColumns(filterRows(alpha, width, smooth), width, derive)
  return across.map((x, i) => Math.hypot(x, down[i]))
}

function filterRows(data: Float64Array, width: number, weights: readonly number[]): Float64Array {
  return data.map((_, i) => {
    const x = i % width
    let sum = 0
    for (let k = -reach; k <= reach; k++) {
      sum += weights[k + reach] * data[i - x + Math.min(width - 1, Math.max(0, x + k))]
    }
    return sum
  })
}

function filterColumns(data: Float64Array, width: number, weights: readonly number[]): Float64Array {
  const last = data.length / width - 1
  return data.map((_, i) => {
    const y = Math.floor(i / width)
    let sum = 0
    for (let k = -reach; k <= reach; k++) {
      sum += weights[k + reach] * data[i + (Math.min(last, Math.max(0, y + k)) - y) * width]
    }
    return sum
  })
}

function toUnitLength(values: readonly number[]): number[] {
  const length = Math.hypot(...values)
  return values.map(value => value / length)
}
