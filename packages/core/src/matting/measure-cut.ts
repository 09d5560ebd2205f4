import type { Matte, Raster } from '../shared/types.ts'

/** Levels of 20 and 80 %: the sides of a hard edge. */
const CLEAR = 51
const OPAQUE = 204
/** Part of the frame's side that counts as beside the frame. */
const MARGIN = 0.06
/** Colors whose channels differ by less than this on average count as alike, levels. */
const ALIKE = 12

/**
 * Looks for a hard edge of the matte that runs straight along a side of the frame, close to that side, where the photograph
 * has about the same color on both sides of the edge. Such mattes come from networks and tools that lose the outermost pixels.
 *
 * @param matte uint8, [height, width].
 * @param raster the photograph, any size: uint8, [height, width, 3 | 4].
 * @returns length of the longest such edge, as a share of its side of the frame
 */
export function measureCut(matte: Matte, raster: Raster): number {
  const { data, width, height } = matte
  const last = width * height - 1
  const rows = { length: height, step: width, depth: width * MARGIN, inward: 1 }
  const columns = { length: width, step: 1, depth: height * MARGIN, inward: width }
  const sides = [
    { ...rows, corner: 0 },
    { ...rows, corner: width - 1, inward: -1 },
    { ...columns, corner: 0 },
    { ...columns, corner: last - (width - 1), inward: -width },
  ]
  let longest = 0
  for (const { length, step, depth, inward, corner } of sides) {
    for (let distance = 1; distance <= depth; distance++) {
      let edge = 0
      for (let i = 0, pixel = corner + distance * inward; i < length; i++, pixel += step) {
        const [outside, inside] = [pixel - inward, pixel + inward]
        if (data[outside] > CLEAR || data[inside] < OPAQUE) continue
        if (compareColors(raster, matte, outside, inside) < ALIKE) edge++
      }
      longest = Math.max(longest, edge / length)
    }
  }
  return longest
}

/** Mean absolute difference of the photograph's channels between two pixels of the matte, levels. */
function compareColors(raster: Raster, { width, height }: Matte, one: number, other: number): number {
  const { data, channels } = raster
  const find = (pixel: number) => {
    const x = Math.floor((((pixel % width) + 0.5) * raster.width) / width)
    const y = Math.floor(((Math.floor(pixel / width) + 0.5) * raster.height) / height)
    return (y * raster.width + x) * channels
  }
  const [from, to] = [find(one), find(other)]
  let sum = 0
  for (let c = 0; c < 3; c++) sum += Math.abs(data[from + c] - data[to + c])
  return sum / 3
}
