import { createBand, type Seeds, type Spans } from './band.ts'
import { type BoxSums, createBoxSums, type IntegerRows } from './box-sums.ts'
import type { Frame } from './frame.ts'
import type { RowStream } from './level.ts'

/** Sides of the two windows, px. */
const WIDE_PX = 90
const NARROW_PX = 6
const EPSILON = 1e-5

/** Alpha; alpha × foreground R, G, B; (1 − alpha) × background R, G, B. */
const CHANNELS = 7

/** Window of a pass: number of pixels, and scale of its fixed-point colors. */
interface Window {
  area: number
  fraction: number
}

const WIDE: Window = { area: WIDE_PX * WIDE_PX, fraction: 1 }
/** 1/512 of a level: with a finer fraction the sums would exceed 31 bits. */
const NARROW: Window = { area: NARROW_PX * NARROW_PX, fraction: 512 }

/**
 * Estimates the colors of translucent pixels as BiRefNet does: means over a window, weighted by alpha (foreground) and by
 * 1 − alpha (background), corrected by the difference between the pixel and their mixture. The first pass has a wide
 * window; the second pass refines its result with a narrow one. Integer sums slide down the image, so the time does not
 * depend on the window size, and only some rows are held. A row of the frame may be overwritten after it was returned.
 *
 * @param seeds The frame's fractional pixels.
 * @returns Whole levels at the fractional pixels, truncated as in the original code; other pixels are undefined.
 * @see https://github.com/ZhengPeng7/BiRefNet/blob/main/image_proc.py (the CPU path), and Forte: Approximate Fast
 *   Foreground Colour Estimation, ICIP 2021
 */
export function fuseBlurs(frame: Frame, seeds: Seeds): RowStream {
  const { width, height } = frame
  // The narrow window reads the first pass's result within half its side around each fractional pixel.
  const near = createBand(seeds, NARROW_PX / 2)
  const exact = createBand(seeds, 0)
  const wide = createBoxSums(createMixedRows(frame), WIDE_PX)
  const narrow = createBoxSums(createFusedRows(frame, wide, near), NARROW_PX)
  const colors = new Float32Array(width * 6)
  return {
    width,
    height,
    readRow(y) {
      const spans = exact(y)
      fuseRow(frame, y, narrow.readRow(y, spans), spans, NARROW, colors)
      truncateRow(colors, spans)
      return colors
    },
  }
}

function truncateRow(colors: Float32Array, { edges, count }: Spans): void {
  for (let i = 0; i < count; i++) {
    for (let at = edges[2 * i] * 6; at < edges[2 * i + 1] * 6; at++) colors[at] = Math.floor(colors[at])
  }
}

/** Rows of alpha, alpha × I and (1 − alpha) × I, the input of the first pass: it takes the image I for both layers. */
function createMixedRows({ pixels, width, height }: Frame): IntegerRows {
  return {
    width,
    height,
    channels: CHANNELS,
    writeRow(y, row) {
      for (let x = 0, i = y * width, to = 0; x < width; x++, i++, to += CHANNELS) {
        const pixel = pixels[i]
        const alpha = pixel >>> 24
        const beta = 255 - alpha
        const red = pixel & 255
        const green = (pixel >>> 8) & 255
        const blue = (pixel >>> 16) & 255
        row[to] = alpha
        row[to + 1] = alpha * red
        row[to + 2] = alpha * green
        row[to + 3] = alpha * blue
        row[to + 4] = beta * red
        row[to + 5] = beta * green
        row[to + 6] = beta * blue
      }
    },
  }
}

/** The input of the second pass: the first pass's foreground and blurred background, in fractions of a level. */
function createFusedRows(frame: Frame, wide: BoxSums, near: (y: number) => Spans): IntegerRows {
  const { pixels, width, height } = frame
  const colors = new Float32Array(width * 6)
  return {
    width,
    height,
    channels: CHANNELS,
    writeRow(y, row) {
      const spans = near(y)
      fuseRow(frame, y, wide.readRow(y, spans), spans, WIDE, colors)
      for (let i = 0; i < spans.count; i++) {
        for (let x = spans.edges[2 * i]; x < spans.edges[2 * i + 1]; x++) {
          const alpha = pixels[y * width + x] >>> 24
          const forward = alpha * NARROW.fraction
          const backward = (255 - alpha) * NARROW.fraction
          const to = x * CHANNELS
          row[to] = alpha
          for (let channel = 0; channel < 3; channel++) {
            row[to + 1 + channel] = forward * colors[x * 6 + channel]
            row[to + 4 + channel] = backward * colors[x * 6 + 3 + channel]
          }
        }
      }
    },
  }
}

/**
 * Estimates the columns of `spans` in one row from its window sums. Writes `colors`, float32, [width, 6]: foreground
 * R, G, B, clamped to [0,255], and blurred background R, G, B.
 */
function fuseRow(
  { pixels, width }: Frame,
  y: number,
  sums: Int32Array,
  { edges, count }: Spans,
  { area, fraction }: Window,
  colors: Float32Array,
): void {
  const whole = area * 255
  for (let i = 0; i < count; i++) {
    for (let x = edges[2 * i]; x < edges[2 * i + 1]; x++) {
      const pixel = pixels[y * width + x]
      const alpha = (pixel >>> 24) / 255
      const from = x * CHANNELS
      const perForeground = 1 / (fraction * (sums[from] + EPSILON * whole))
      const perBackground = 1 / (fraction * (whole - sums[from] + EPSILON * whole))
      for (let channel = 0; channel < 3; channel++) {
        const level = (pixel >>> (8 * channel)) & 255
        const foreground = sums[from + 1 + channel] * perForeground
        const background = sums[from + 4 + channel] * perBackground
        const fused = foreground + alpha * (level - alpha * foreground - (1 - alpha) * background)
        colors[x * 6 + channel] = Math.min(255, Math.max(0, fused))
        colors[x * 6 + 3 + channel] = background
      }
    }
  }
}
