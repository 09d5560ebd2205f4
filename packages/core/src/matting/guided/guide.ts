import type { Raster } from '../../shared/types.ts'
import type { Spans } from '../foreground/band.ts'
import { measureShares, type Shares } from '../shrink.ts'

/**
 * Shrinks a photograph row by row: each sample is the mean of the area that it covers.
 *
 * @param raster uint8, [height, width, 3 | 4]; alpha is ignored
 * @param width width of the guide, px, at most the raster's
 * @param height height of the guide, px, at most the raster's
 * @returns a function that writes the columns of `spans` in row y of the guide: float32, [width, 3], R, G, B in [0,255]
 */
export function createGuide(
  raster: Raster,
  width: number,
  height: number,
): (y: number, spans: Spans, row: Float32Array) => void {
  const columns = Array.from({ length: width }, (_, x) => measureShares(x, width, raster.width))
  const sums = new Float32Array(raster.width * 3)
  return (y, { edges, count }, row) => {
    const shares = measureShares(y, height, raster.height)
    for (let i = 0; i < count; i++) {
      const last = columns[edges[2 * i + 1] - 1]
      addRows(raster, shares, columns[edges[2 * i]].first, last.first + last.length, sums)
      for (let x = edges[2 * i]; x < edges[2 * i + 1]; x++) addColumns(sums, columns[x], row, x * 3)
    }
  }
}

/** Writes the means over the rows of one area into columns [from, to) of `sums`: float32, [raster.width, 3]. */
function addRows(
  { data, width, channels }: Raster,
  { first, length, weights }: Shares,
  from: number,
  to: number,
  sums: Float32Array,
): void {
  sums.fill(0, from * 3, to * 3)
  for (let i = 0; i < length; i++) {
    const weight = weights[i]
    let at = ((first + i) * width + from) * channels
    for (let sum = from * 3; sum < to * 3; sum += 3, at += channels) {
      sums[sum] += data[at] * weight
      sums[sum + 1] += data[at + 1] * weight
      sums[sum + 2] += data[at + 2] * weight
    }
  }
}

function addColumns(
  sums: Float32Array,
  { first, length, weights }: Shares,
  row: Float32Array,
  to: number,
): void {
  let red = 0
  let green = 0
  let blue = 0
  for (let i = 0, at = first * 3; i < length; i++, at += 3) {
    red += sums[at] * weights[i]
    green += sums[at + 1] * weights[i]
    blue += sums[at + 2] * weights[i]
  }
  row[to] = red
  row[to + 1] = green
  row[to + 2] = blue
}
