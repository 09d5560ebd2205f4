import type { Matte, Raster } from '../types.ts'
import { shrinkMatte } from './shrink.ts'

/** Fixed-point fraction of one bilinear weight. Two of them and eight bits of alpha stay below 2^31. */
const WEIGHT_BITS = 11
const ONE = 1 << WEIGHT_BITS
const HALF = 1 << (2 * WEIGHT_BITS - 1)

/** Where each target sample lies between two source samples. */
interface Taps {
  /** int32, [size]: index of the sample before; the one after is `first + 1`. */
  first: Int32Array
  /** int32, [size]: weight of the sample after, in 1/2048. */
  weight: Int32Array
}

/**
 * Lays a matte over a raster as its alpha, in one pass: bilinear (half-pixel centres, the outermost samples continued
 * to the frame, so that a subject cut by the frame stays opaque there), times the raster's own alpha if it has one.
 * A matte larger than the raster is averaged down first.
 *
 * @param raster uint8, [height, width, 3 | 4].
 * @param matte Any size; it is stretched over the whole raster.
 * @returns uint8, [height, width, 4], straight alpha. A raster of four channels is written in place and returned; one of
 *   three is left alone.
 */
export function applyMatte(raster: Raster, matte: Matte): Raster {
  const { width, height, channels } = raster
  const fitted = shrinkMatte(matte, width, height)
  const columns = createTaps(fitted.width, width)
  const rows = createTaps(fitted.height, height)
  // One sample more than the matte has, so that the last tap may read its (weightless) neighbour.
  const blended = new Int32Array(fitted.width + 1)
  const output: Raster =
    channels === 4 ? raster : { data: new Uint8Array(width * height * 4), width, height, channels: 4 }
  for (let y = 0; y < height; y++) {
    blendRows(fitted, rows.first[y], rows.weight[y], blended)
    if (channels === 4) multiplyRow(output.data, y * width, blended, columns)
    else copyRow(raster.data, output.data, y * width, blended, columns)
  }
  return output
}

/** Bilinear taps with half-pixel centres, clamped to the samples there are. */
function createTaps(samples: number, size: number): Taps {
  const first = new Int32Array(size)
  const weight = new Int32Array(size)
  for (let i = 0; i < size; i++) {
    const position = Math.min(Math.max(((i + 0.5) * samples) / size - 0.5, 0), samples - 1)
    first[i] = Math.floor(position)
    weight[i] = Math.round((position - first[i]) * ONE)
  }
  return { first, weight }
}

/** Blends two rows of the matte; a sample of the result is alpha × 2048. */
function blendRows({ data, width, height }: Matte, first: number, weight: number, blended: Int32Array): void {
  const above = first * width
  const below = Math.min(first + 1, height - 1) * width
  for (let x = 0; x < width; x++) {
    const alpha = data[above + x]
    blended[x] = alpha * ONE + (data[below + x] - alpha) * weight
  }
}

/** Alpha in [0,255] of column x, between two samples of the blended row. */
function blendColumns(blended: Int32Array, { first, weight }: Taps, x: number): number {
  const left = blended[first[x]]
  return (left * ONE + (blended[first[x] + 1] - left) * weight[x] + HALF) >> (2 * WEIGHT_BITS)
}

/** RGB → RGBA: copies the colours of one row and adds the alpha. `start` is the row's first pixel. */
function copyRow(rgb: Uint8Array, rgba: Uint8Array, start: number, blended: Int32Array, taps: Taps): void {
  const size = taps.first.length
  // One store for four bytes: it is the stores that this loop spends its time on.
  const pixels = new Uint32Array(rgba.buffer, start * 4, size)
  for (let x = 0, from = start * 3; x < size; x++, from += 3) {
    const alpha = blendColumns(blended, taps, x)
    pixels[x] = rgb[from] | (rgb[from + 1] << 8) | (rgb[from + 2] << 16) | (alpha << 24)
  }
}

/** RGBA in place: multiplies the alpha of one row. */
function multiplyRow(rgba: Uint8Array, start: number, blended: Int32Array, taps: Taps): void {
  const size = taps.first.length
  for (let x = 0, to = start * 4 + 3; x < size; x++, to += 4) {
    rgba[to] = (blendColumns(blended, taps, x) * rgba[to] + 127) / 255
  }
}
