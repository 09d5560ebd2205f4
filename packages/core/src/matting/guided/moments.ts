import type { Spans } from '../foreground/band.ts'

/** Number of moments: sums of R, G, B and alpha A, then of RR, RG, RB, GG, GB, BB, RA, GA, BA, AA. */
export const MOMENTS = 14

/**
 * Sums colors, alpha and their products over `2 × radius + 1` columns of one row, clipped at the frame, for a least
 * squares fit over a window.
 *
 * @param guide float32, [width, 3], in [0,255]; set `radius` columns around `spans`.
 * @param alphas uint8, [width].
 * @param sums float32, [width, MOMENTS]; the columns of `spans` are written.
 */
export function sumMoments(
  guide: Float32Array,
  alphas: Uint8Array,
  { edges, count }: Spans,
  radius: number,
  sums: Float32Array,
): void {
  const width = alphas.length
  const running = new Float64Array(MOMENTS)
  for (let i = 0; i < count; i++) {
    const [first, end] = [edges[2 * i], edges[2 * i + 1]]
    running.fill(0)
    for (let x = Math.max(0, first - radius); x < Math.min(width, first + radius); x++) {
      addMoments(guide, alphas, x, 1, running)
    }
    for (let x = first; x < end; x++) {
      if (x + radius < width) addMoments(guide, alphas, x + radius, 1, running)
      for (let k = 0; k < MOMENTS; k++) sums[x * MOMENTS + k] = running[k]
      if (x >= radius) addMoments(guide, alphas, x - radius, -1, running)
    }
  }
}

/** Adds the products of column x times `sign`: float64, [MOMENTS]. */
function addMoments(
  guide: Float32Array,
  alphas: Uint8Array,
  x: number,
  sign: 1 | -1,
  running: Float64Array,
): void {
  const red = guide[3 * x]
  const green = guide[3 * x + 1]
  const blue = guide[3 * x + 2]
  const alpha = alphas[x]
  const signedRed = sign * red
  const signedGreen = sign * green
  const signedBlue = sign * blue
  const signedAlpha = sign * alpha
  running[0] += signedRed
  running[1] += signedGreen
  running[2] += signedBlue
  running[3] += signedAlpha
  running[4] += signedRed * red
  running[5] += signedRed * green
  running[6] += signedRed * blue
  running[7] += signedGreen * green
  running[8] += signedGreen * blue
  running[9] += signedBlue * blue
  running[10] += signedRed * alpha
  running[11] += signedGreen * alpha
  running[12] += signedBlue * alpha
  running[13] += signedAlpha * alpha
}
