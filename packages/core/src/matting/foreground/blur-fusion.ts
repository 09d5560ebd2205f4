import { type BoxSums, createBoxSums, type IntegerRows } from './box-sums.ts'
import { type Frame, isFractional } from './frame.ts'

/** Sides of the two windows, px. */
const WIDE_PX = 90
const NARROW_PX = 6
const EPSILON = 1e-5

/** Alpha; alpha × foreground R, G, B; (1 − alpha) × background R, G, B. */
const CHANNELS = 7
/** Fixed point of the second pass: fractions of a level. Window sums stay below 2^31. */
const FRACTION = 1 << 9

/**
 * Replaces the colours of translucent pixels, in place, by BiRefNet's estimate: means over a window, weighted by alpha
 * for the foreground and by 1 − alpha for the background, corrected by what the pixel shows beyond their mixture; once with a
 * wide window, and once more over that result with a narrow one. All sums are of integers that stream down the image,
 * so the cost does not depend on the window, and only some rows are held.
 *
 * @see https://github.com/ZhengPeng7/BiRefNet/blob/main/image_proc.py (the CPU path, and Forte: Approximate Fast
 *   Foreground Colour Estimation, ICIP 2021)
 */
export function fuseBlurs(frame: Frame): void {
  const { pixels, width, height } = frame
  const wide = createBoxSums(createMixedRows(frame), WIDE_PX)
  const narrow = createBoxSums(createFusedRows(frame, wide), NARROW_PX)
  const window = { area: NARROW_PX * NARROW_PX, fraction: FRACTION }
  const layers = new Float64Array(6)
  for (let y = 0; y < height; y++) {
    const sums = narrow.readRow(y)
    const start = y * width
    for (let x = 0; x < width; x++) {
      const pixel = pixels[start + x]
      if (!isFractional(pixel)) continue
      fusePixel(pixel, sums, x * CHANNELS, window, layers)
      // Truncated, not rounded: so does the original.
      pixels[start + x] = (pixel & 0xff000000) | layers[0] | (layers[1] << 8) | (layers[2] << 16)
    }
  }
}

/** Rows of alpha, alpha × I and (1 − alpha) × I: what the first pass sums, its guess of both layers being the image I. */
function createMixedRows({ pixels, width, height }: Frame): IntegerRows {
  return {
    width,
    height,
    channels: CHANNELS,
    writeRow(y, row) {
      for (let i = y * width, to = 0; to < row.length; i++, to += CHANNELS) {
        const pixel = pixels[i]
        const alpha = pixel >>> 24
        row[to] = alpha
        for (let channel = 0; channel < 3; channel++) {
          const level = (pixel >>> (8 * channel)) & 255
          row[to + 1 + channel] = alpha * level
          row[to + 4 + channel] = (255 - alpha) * level
        }
      }
    },
  }
}

/** The same rows after the first pass: its foreground, and its blurred background, in 1/512 of a level. */
function createFusedRows({ pixels, width, height }: Frame, wide: BoxSums): IntegerRows {
  const window = { area: WIDE_PX * WIDE_PX, fraction: 1 }
  const layers = new Float64Array(6)
  return {
    width,
    height,
    channels: CHANNELS,
    writeRow(y, row) {
      const sums = wide.readRow(y)
      for (let i = y * width, to = 0; to < row.length; i++, to += CHANNELS) {
        const alpha = pixels[i] >>> 24
        fusePixel(pixels[i], sums, to, window, layers)
        row[to] = alpha
        for (let channel = 0; channel < 3; channel++) {
          row[to + 1 + channel] = alpha * FRACTION * layers[channel]
          row[to + 4 + channel] = (255 - alpha) * FRACTION * layers[channel + 3]
        }
      }
    },
  }
}

/** What the sums of a pass are made of: pixels per window, and the fixed point of the colour sums. */
interface Window {
  area: number
  fraction: number
}

/** One pixel's estimate: `layers` becomes foreground R, G, B (clamped to [0,255]) and the blurred background R, G, B. */
function fusePixel(
  pixel: number,
  sums: Int32Array,
  at: number,
  { area, fraction }: Window,
  layers: Float64Array,
): void {
  const alpha = (pixel >>> 24) / 255
  const whole = area * 255
  const perForeground = 1 / (fraction * (sums[at] + EPSILON * whole))
  const perBackground = 1 / (fraction * (whole - sums[at] + EPSILON * whole))
  for (let channel = 0; channel < 3; channel++) {
    const level = (pixel >>> (8 * channel)) & 255
    const foreground = sums[at + 1 + channel] * perForeground
    const background = sums[at + 4 + channel] * perBackground
    const fused = foreground + alpha * (level - alpha * foreground - (1 - alpha) * background)
    layers[channel] = Math.min(255, Math.max(0, fused))
    layers[channel + 3] = background
  }
}
