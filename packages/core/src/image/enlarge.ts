import type { Raster } from '../shared/types.ts'

// Fixed-point weights. Two weights of 10 bits and a byte fit into 28 bits.
const weightBits = 10
const one = 1 << weightBits
const half = 1 << (2 * weightBits - 1)

/** For each position on the enlarged side: offsets of the samples before and after it, and the weight of the one after. */
interface Taps {
  before: Int32Array
  after: Int32Array
  weight: Int32Array
}

/**
 * Enlarges a raster bilinearly with aligned pixel centers, as Pillow, OpenCV and PyTorch do.
 *
 * @param raster uint8, [height, width, 3]; neither side is larger than the target
 * @returns uint8, [height, width, 3]; `raster` itself if the size is the same
 */
export function enlargeColors(raster: Raster, width: number, height: number): Raster {
  if (width === raster.width && height === raster.height) return raster
  const columns = placeTaps(raster.width, width, 3)
  const rows = placeTaps(raster.height, height, raster.width * 3)
  const data = new Uint8Array(width * height * 3)
  const blended = new Int32Array(raster.width * 3)
  for (let y = 0; y < height; y++) {
    blendRows(raster.data, rows.before[y], rows.after[y], rows.weight[y], blended)
    stretchRow(blended, columns, data.subarray(y * width * 3, (y + 1) * width * 3))
  }
  return { data, width, height, channels: 3 }
}

function placeTaps(from: number, to: number, stride: number): Taps {
  const taps: Taps = { before: new Int32Array(to), after: new Int32Array(to), weight: new Int32Array(to) }
  for (let i = 0; i < to; i++) {
    const position = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5))
    const before = Math.floor(position)
    taps.before[i] = before * stride
    taps.after[i] = Math.min(from - 1, before + 1) * stride
    taps.weight[i] = Math.round((position - before) * one)
  }
  return taps
}

function blendRows(
  data: Uint8Array,
  before: number,
  after: number,
  weight: number,
  blended: Int32Array,
): void {
  for (let i = 0; i < blended.length; i++) {
    blended[i] = data[before + i] * (one - weight) + data[after + i] * weight
  }
}

function stretchRow(row: Int32Array, { before, after, weight }: Taps, out: Uint8Array): void {
  for (let x = 0, to = 0; x < weight.length; x++, to += 3) {
    const left = before[x]
    const right = after[x]
    const share = weight[x]
    const rest = one - share
    out[to] = (row[left] * rest + row[right] * share + half) >> (2 * weightBits)
    out[to + 1] = (row[left + 1] * rest + row[right + 1] * share + half) >> (2 * weightBits)
    out[to + 2] = (row[left + 2] * rest + row[right + 2] * share + half) >> (2 * weightBits)
  }
}
