import { createTaps, type Taps } from '../shared/taps.ts'
import type { Raster } from '../shared/types.ts'

// Fixed-point weights. Two weights of 10 bits and a byte fit into 28 bits.
const weightBits = 10
const one = 1 << weightBits
const half = 1 << (2 * weightBits - 1)

/**
 * Enlarges a raster bilinearly with aligned pixel centers, as Pillow, OpenCV and PyTorch do.
 *
 * @param raster uint8, [height, width, 3]; neither side is larger than the target
 * @returns uint8, [height, width, 3]; `raster` itself if the size is the same
 */
export function enlargeColors(raster: Raster, width: number, height: number): Raster {
  if (width === raster.width && height === raster.height) return raster
  const columns = createTaps(raster.width, width, weightBits)
  const rows = createTaps(raster.height, height, weightBits)
  const data = new Uint8Array(width * height * 3)
  // One extra pixel, because the last tap reads a neighbor with weight 0.
  const blended = new Int32Array((raster.width + 1) * 3)
  for (let y = 0; y < height; y++) {
    blendRows(raster, rows.first[y], rows.weight[y], blended)
    stretchRow(blended, columns, data.subarray(y * width * 3, (y + 1) * width * 3))
  }
  return { data, width, height, channels: 3 }
}

function blendRows(
  { data, width, height }: Raster,
  first: number,
  weight: number,
  blended: Int32Array,
): void {
  const above = first * width * 3
  const below = Math.min(first + 1, height - 1) * width * 3
  for (let i = 0; i < width * 3; i++) {
    blended[i] = data[above + i] * (one - weight) + data[below + i] * weight
  }
}

function stretchRow(row: Int32Array, { first, weight }: Taps, out: Uint8Array): void {
  for (let x = 0, to = 0; x < weight.length; x++, to += 3) {
    const left = first[x] * 3
    const share = weight[x]
    const rest = one - share
    out[to] = (row[left] * rest + row[left + 3] * share + half) >> (2 * weightBits)
    out[to + 1] = (row[left + 1] * rest + row[left + 4] * share + half) >> (2 * weightBits)
    out[to + 2] = (row[left + 2] * rest + row[left + 5] * share + half) >> (2 * weightBits)
  }
}
