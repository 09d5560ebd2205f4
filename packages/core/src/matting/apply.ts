import { createTaps, type Taps, WEIGHT_BITS } from '../shared/taps.ts'
import type { Matte, Raster } from '../shared/types.ts'
import { createGuidedRows } from './guided/guided-rows.ts'
import { shrinkMatte } from './shrink.ts'

const ONE = 1 << WEIGHT_BITS
const HALF = 1 << (2 * WEIGHT_BITS - 1)

/** How a matte is enlarged: along the photograph's edges (`guided`), or without using the photograph (`bilinear`). */
export type MatteUpsampling = 'guided' | 'bilinear'

/**
 * Applies a matte to a raster as alpha, multiplied by the raster's own alpha if it has one. A matte larger than the raster
 * is averaged down first.
 *
 * @param raster uint8, [height, width, 3 | 4].
 * @param matte uint8, any size; it is stretched over the whole raster.
 * @param upsampling `bilinear`: half-pixel centers, the outermost samples continued to the frame, so that a subject cut
 *   by the frame stays opaque there. `guided`: the same, and where the matte is uncertain see `createGuidedRows`.
 * @returns uint8, [height, width, 4], straight alpha. A raster of four channels is changed in place and returned; a raster
 *   of three channels is not changed.
 */
export function applyMatte(raster: Raster, matte: Matte, upsampling: MatteUpsampling): Raster {
  const { width, height, channels } = raster
  const fitted = shrinkMatte(matte, width, height)
  const columns = createTaps(fitted.width, width)
  const rows = createTaps(fitted.height, height)
  const guided = upsampling === 'guided' ? createGuidedRows(raster, fitted, columns, rows) : undefined
  // One extra sample, because the last tap reads a neighbor with weight 0.
  const blended = new Int32Array(fitted.width + 1)
  const alphas = new Uint8ClampedArray(width)
  const output: Raster =
    channels === 4 ? raster : { data: new Uint8Array(width * height * 4), width, height, channels: 4 }
  for (let y = 0; y < height; y++) {
    blendRows(fitted, rows.first[y], rows.weight[y], blended)
    blendColumns(blended, columns, alphas)
    guided?.refineRow(y, alphas)
    if (channels === 4) multiplyRow(output.data, y * width, alphas)
    else copyRow(raster.data, output.data, y * width, alphas)
  }
  return output
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

/** Alpha in [0,255] of each column, between two samples of the blended row. */
function blendColumns(blended: Int32Array, { first, weight }: Taps, alphas: Uint8ClampedArray): void {
  const width = alphas.length
  for (let x = 0; x < width; x++) {
    const left = blended[first[x]]
    alphas[x] = (left * ONE + (blended[first[x] + 1] - left) * weight[x] + HALF) >> (2 * WEIGHT_BITS)
  }
}

/** RGB → RGBA: copies the colors of one row and adds the alpha. `start` is the row's first pixel. */
function copyRow(rgb: Uint8Array, rgba: Uint8Array, start: number, alphas: Uint8ClampedArray): void {
  const width = alphas.length
  // One store for four bytes: the stores dominate the time of this loop.
  const pixels = new Uint32Array(rgba.buffer, start * 4, width)
  for (let x = 0, from = start * 3; x < width; x++, from += 3) {
    pixels[x] = rgb[from] | (rgb[from + 1] << 8) | (rgb[from + 2] << 16) | (alphas[x] << 24)
  }
}

/** RGBA in place: multiplies the alpha of one row. */
function multiplyRow(rgba: Uint8Array, start: number, alphas: Uint8ClampedArray): void {
  const width = alphas.length
  for (let x = 0, to = start * 4 + 3; x < width; x++, to += 4) rgba[to] = (alphas[x] * rgba[to] + 127) / 255
}
