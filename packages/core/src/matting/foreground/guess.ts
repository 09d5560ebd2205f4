import type { Spans } from './band.ts'
import { clampColor, type SweptRow } from './solve.ts'

/**
 * Alpha from which on (82 %) a corrected guess is not solved further: so little background is visible there that the guess
 * is better than the result from neighbors of another color.
 */
const THICK = 210

/** Writes the first guess: the coarser level's colors, nearest neighbors. */
export function guessColors(
  coarser: Float32Array,
  columns: Int32Array,
  { edges, count }: Spans,
  { colors }: SweptRow,
): void {
  for (let i = 0; i < count; i++) {
    for (let x = edges[2 * i]; x < edges[2 * i + 1]; x++) {
      const from = columns[x] * 6
      const to = x * 6
      colors[to] = coarser[from]
      colors[to + 1] = coarser[from + 1]
      colors[to + 2] = coarser[from + 2]
      colors[to + 3] = coarser[from + 3]
      colors[to + 4] = coarser[from + 4]
      colors[to + 5] = coarser[from + 5]
    }
  }
}

/**
 * Changes foreground F and background B as little as possible, so that their mixture αF + (1 − α)B is the pixel's color.
 * An opaque pixel becomes its own foreground, a transparent one its own background. Sweeps from this start are more exact:
 * alpha-weighted errors of 1.02 levels instead of 1.04 (photographed lemur), 0.21 instead of 0.30 (the lemur over green),
 * 0.91 instead of 1.45 (hair), in a tenth less time.
 */
export function correctColors({ edges, count }: Spans, { pixels, colors }: SweptRow): void {
  for (let i = 0; i < count; i++) {
    for (let x = edges[2 * i]; x < edges[2 * i + 1]; x++) {
      const pixel = pixels[x]
      const alpha = (pixel >>> 24) * (1 / 255)
      const beta = 1 - alpha
      const scale = 1 / (alpha * alpha + beta * beta)
      const at = x * 6
      for (let channel = 0; channel < 3; channel++) {
        const f = at + channel
        const b = f + 3
        const rest = (((pixel >>> (8 * channel)) & 255) - alpha * colors[f] - beta * colors[b]) * scale
        colors[f] = clampColor(colors[f] + alpha * rest)
        colors[b] = clampColor(colors[b] + beta * rest)
      }
    }
  }
}

/** Writes the parts of the spans where alpha is below 82 %. */
export function findThin({ edges, count }: Spans, pixels: Uint32Array, thin: Spans): void {
  let length = 0
  for (let i = 0; i < count; i++) {
    let inside = false
    for (let x = edges[2 * i]; x < edges[2 * i + 1]; x++) {
      if (pixels[x] >>> 24 < THICK === inside) continue
      inside = !inside
      thin.edges[length++] = x
    }
    if (inside) thin.edges[length++] = edges[2 * i + 1]
  }
  thin.count = length / 2
}
