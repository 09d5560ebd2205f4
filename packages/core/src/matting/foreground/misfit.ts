import { type Frame, isFractional } from './frame.ts'

/** Fixed point of the sums, per level². */
const FRACTION = 16

/** Levels²: keeps a share of nothing by nothing from being large. */
const LEAST = 0.1

/**
 * A misfit is counted only beyond this many levels times the root of the strength: the standard deviation that noise of 3
 * levels gives it over nine pixels. Without it, the grain of a large photograph would count as a wrong matte.
 */
const NOISE = 1

/**
 * Share of a misfit by too much variation. Edges of a small matte that was enlarged are softer than the photograph's, so the
 * color often varies more than alpha predicts although the matte is right.
 */
const SOFT = 0.5

/** How far one row of the photograph disagrees with the matte and the estimated colors. */
export interface MisfitRow {
  /** uint32, [width]: translucent pixels with the estimated foreground; other pixels are undefined. */
  colors: Uint32Array
  /** int32, [width]: levels² × 16, 0 at pixels that were not measured. */
  misfit: Int32Array
  /** int32, [width]: the variation of color that alpha predicts, levels² × 16, 0 at pixels that were not measured. */
  strength: Int32Array
  /** Columns outside of [from, to) are 0. */
  from: number
  to: number
}

export function createMisfitRow(width: number): MisfitRow {
  return {
    colors: new Uint32Array(width),
    misfit: new Int32Array(width),
    strength: new Int32Array(width),
    from: 0,
    to: 0,
  }
}

/**
 * Measures row y. Over 3×3 pixels, alpha and color of the photograph vary together by cov(α, I). If the matte and the
 * estimate are right, that is var(α) (F − B). The strength is var(α) |F − B|², and the misfit is the difference between it and
 * cov(α, I) · (F − B).
 *
 * @param estimate float32, [width, 6]: the solution of the row, foreground and background.
 * @param thick pixels from this alpha on are not measured.
 * @param row overwritten.
 */
export function measureMisfit(
  frame: Frame,
  y: number,
  estimate: Float32Array,
  thick: number,
  row: MisfitRow,
): void {
  const { pixels, width } = frame
  row.misfit.fill(0, row.from, row.to)
  row.strength.fill(0, row.from, row.to)
  row.from = width
  row.to = 0
  for (let x = 0, i = y * width; x < width; x++, i++) {
    const pixel = pixels[i]
    if (!isFractional(pixel)) continue
    row.colors[x] = packColor(pixel, estimate, x * 6)
    if (pixel >>> 24 >= thick) continue
    measurePixel(frame, x, y, estimate, row)
    row.from = Math.min(row.from, x)
    row.to = x + 1
  }
  if (row.to === 0) row.from = 0
}

function packColor(pixel: number, estimate: Float32Array, at: number): number {
  const red = estimate[at] + 0.5
  const green = estimate[at + 1] + 0.5
  const blue = estimate[at + 2] + 0.5
  return (pixel & 0xff000000) | red | (green << 8) | (blue << 16)
}

function measurePixel(
  { pixels, width, height }: Frame,
  x: number,
  y: number,
  estimate: Float32Array,
  row: MisfitRow,
): void {
  const at = x * 6
  const red = estimate[at] - estimate[at + 3]
  const green = estimate[at + 1] - estimate[at + 4]
  const blue = estimate[at + 2] - estimate[at + 5]
  let count = 0
  let alphas = 0
  let squares = 0
  let tones = 0
  let products = 0
  const bottom = Math.min(y + 1, height - 1)
  const right = Math.min(x + 1, width - 1)
  for (let v = Math.max(0, y - 1); v <= bottom; v++) {
    for (let u = Math.max(0, x - 1); u <= right; u++) {
      const pixel = pixels[v * width + u]
      const alpha = (pixel >>> 24) * (1 / 255)
      // The color along the direction from background to foreground.
      const tone = (pixel & 255) * red + ((pixel >>> 8) & 255) * green + ((pixel >>> 16) & 255) * blue
      count++
      alphas += alpha
      squares += alpha * alpha
      tones += tone
      products += alpha * tone
    }
  }
  const share = 1 / count
  const mean = alphas * share
  const strength = Math.max(0, squares * share - mean * mean) * (red * red + green * green + blue * blue)
  const surplus = products * share - mean * tones * share - strength
  const misfit = Math.max(0, Math.abs(surplus) - NOISE * Math.sqrt(strength))
  row.misfit[x] = Math.round(FRACTION * (surplus < 0 ? misfit : SOFT * misfit))
  row.strength[x] = Math.round(FRACTION * (strength + LEAST))
}
