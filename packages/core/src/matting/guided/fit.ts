import { MOMENTS } from './moments.ts'

/** Channels of a fit: slope per R, G, B, offset, and how much of alpha's variance it explains, in [0,1]; then its weight. */
export const FIT = 6
/**
 * Variance of a photograph's noise, in levels² (6 levels): what keeps small differences of colour from explaining alpha.
 * Photographs of 25 megapixels have so much in the shadows; with a third of it their mattes become grainy there.
 */
const NOISE_VARIANCE = 40
/** Variance of alpha about a fit, in levels² (8 levels), at which it has half the say of a perfect one. */
const DOUBT_VARIANCE = 65

/**
 * Fits `alpha ≈ slope · colour + offset` by least squares over one window.
 *
 * @param sums float64, [MOMENTS]: sums over the window; become means.
 * @param area Samples in it.
 * @param fit float32, [width, FIT]: written from `to` on, each channel times the weight, and the weight itself: the better
 *   the window obeys the line, the more it counts among its neighbours.
 */
export function fitLine(sums: Float64Array, area: number, fit: Float32Array, to: number): void {
  for (let i = 0; i < MOMENTS; i++) sums[i] /= area
  const red = sums[0]
  const green = sums[1]
  const blue = sums[2]
  const alpha = sums[3]
  // The covariance matrix of the colours, with the noise on its diagonal.
  const rr = sums[4] - red * red + NOISE_VARIANCE
  const rg = sums[5] - red * green
  const rb = sums[6] - red * blue
  const gg = sums[7] - green * green + NOISE_VARIANCE
  const gb = sums[8] - green * blue
  const bb = sums[9] - blue * blue + NOISE_VARIANCE
  // Covariances of each colour with alpha.
  const ra = sums[10] - red * alpha
  const ga = sums[11] - green * alpha
  const ba = sums[12] - blue * alpha
  // Cramer's rule; the matrix is symmetric, and positive because the noise is.
  const minorR = gg * bb - gb * gb
  const minorG = rb * gb - rg * bb
  const minorB = rg * gb - rb * gg
  const inverse = 1 / (rr * minorR + rg * minorG + rb * minorB)
  const cross = rg * rb - rr * gb
  const slopeR = (minorR * ra + minorG * ga + minorB * ba) * inverse
  const slopeG = (minorG * ra + (rr * bb - rb * rb) * ga + cross * ba) * inverse
  const slopeB = (minorB * ra + cross * ga + (rr * gg - rg * rg) * ba) * inverse

  const variance = sums[13] - alpha * alpha
  const rest = Math.max(0, variance - slopeR * ra - slopeG * ga - slopeB * ba)
  const weight = 1 / (rest + DOUBT_VARIANCE)
  fit[to] = slopeR * weight
  fit[to + 1] = slopeG * weight
  fit[to + 2] = slopeB * weight
  fit[to + 3] = (alpha - slopeR * red - slopeG * green - slopeB * blue) * weight
  fit[to + 4] = (variance > rest ? 1 - rest / variance : 0) * weight
  fit[to + 5] = weight
}
