/** Channels of a fit: slope for R, G, B, offset, share of alpha's variance that it explains in [0,1], weight. */
export const FIT = 6
/**
 * Variance of a photograph's noise, levels² (6 levels): prevents small differences of color from explaining alpha.
 * Photographs of 25 megapixels have this noise in the shadows; with a third of this value their mattes become grainy.
 */
const NOISE_VARIANCE = 40
/** Variance of alpha around a fit, levels² (8 levels), at which its weight is half that of a perfect fit. */
const DOUBT_VARIANCE = 65

/**
 * Fits `alpha ≈ slope · color + offset` by least squares over one window.
 *
 * @param near float32, each [width, MOMENTS]: the window's rows, summed over its columns; read at index `from`
 * @param area number of samples in the window
 * @param fit float32, [width, FIT]: written at index `to`, each channel times the weight, then the weight. Better fits have
 *   more weight in the mean with their neighbors.
 */
export function fitLine(
  near: readonly Float32Array[],
  from: number,
  area: number,
  fit: Float32Array,
  to: number,
): void {
  let red = 0
  let green = 0
  let blue = 0
  let alpha = 0
  let sumRR = 0
  let sumRG = 0
  let sumRB = 0
  let sumGG = 0
  let sumGB = 0
  let sumBB = 0
  let sumRA = 0
  let sumGA = 0
  let sumBA = 0
  let sumAA = 0
  for (let i = 0; i < near.length; i++) {
    const sums = near[i]
    red += sums[from]
    green += sums[from + 1]
    blue += sums[from + 2]
    alpha += sums[from + 3]
    sumRR += sums[from + 4]
    sumRG += sums[from + 5]
    sumRB += sums[from + 6]
    sumGG += sums[from + 7]
    sumGB += sums[from + 8]
    sumBB += sums[from + 9]
    sumRA += sums[from + 10]
    sumGA += sums[from + 11]
    sumBA += sums[from + 12]
    sumAA += sums[from + 13]
  }
  const share = 1 / area
  red *= share
  green *= share
  blue *= share
  alpha *= share
  // The covariance matrix of the colors, with the noise on its diagonal.
  const rr = sumRR * share - red * red + NOISE_VARIANCE
  const rg = sumRG * share - red * green
  const rb = sumRB * share - red * blue
  const gg = sumGG * share - green * green + NOISE_VARIANCE
  const gb = sumGB * share - green * blue
  const bb = sumBB * share - blue * blue + NOISE_VARIANCE
  // Covariances of each color with alpha.
  const ra = sumRA * share - red * alpha
  const ga = sumGA * share - green * alpha
  const ba = sumBA * share - blue * alpha
  // Cramer's rule. The matrix is symmetric, and positive definite because of the noise.
  const minorR = gg * bb - gb * gb
  const minorG = rb * gb - rg * bb
  const minorB = rg * gb - rb * gg
  const inverse = 1 / (rr * minorR + rg * minorG + rb * minorB)
  const cross = rg * rb - rr * gb
  const slopeR = (minorR * ra + minorG * ga + minorB * ba) * inverse
  const slopeG = (minorG * ra + (rr * bb - rb * rb) * ga + cross * ba) * inverse
  const slopeB = (minorB * ra + cross * ga + (rr * gg - rg * rg) * ba) * inverse

  const variance = sumAA * share - alpha * alpha
  const rest = Math.max(0, variance - slopeR * ra - slopeG * ga - slopeB * ba)
  const weight = 1 / (rest + DOUBT_VARIANCE)
  fit[to] = slopeR * weight
  fit[to + 1] = slopeG * weight
  fit[to + 2] = slopeB * weight
  fit[to + 3] = (alpha - slopeR * red - slopeG * green - slopeB * blue) * weight
  fit[to + 4] = (variance > rest ? 1 - rest / variance : 0) * weight
  fit[to + 5] = weight
}
