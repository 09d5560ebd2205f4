import type { Spans } from '../foreground/band.ts'

/** Of colour R, G, B and alpha A: their sums, then those of RR, RG, RB, GG, GB, BB, RA, GA, BA, AA. */
export const MOMENTS = 14

/**
 * Sums of colours, alpha and their products over `2 × radius + 1` columns of one row, cut off at the frame: what a least
 * squares fit over a window is made of.
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
  for (let i = 0; i < count; i++) {
    const [first, end] = [edges[2 * i], edges[2 * i + 1]]
    sums.fill(0, first * MOMENTS, end * MOMENTS)
    for (let x = Math.max(0, first - radius); x < Math.min(width, end + radius); x++) {
      const until = Math.min(end, x + radius + 1)
      for (let to = Math.max(first, x - radius); to < until; to++) {
        addMoments(guide[3 * x], guide[3 * x + 1], guide[3 * x + 2], alphas[x], sums, to * MOMENTS)
      }
    }
  }
}

function addMoments(
  red: number,
  green: number,
  blue: number,
  alpha: number,
  sums: Float32Array,
  at: number,
): void {
  sums[at] += red
  sums[at + 1] += green
  sums[at + 2] += blue
  sums[at + 3] += alpha
  sums[at + 4] += red * red
  sums[at + 5] += red * green
  sums[at + 6] += red * blue
  sums[at + 7] += green * green
  sums[at + 8] += green * blue
  sums[at + 9] += blue * blue
  sums[at + 10] += red * alpha
  sums[at + 11] += green * alpha
  sums[at + 12] += blue * alpha
  sums[at + 13] += alpha * alpha
}
