import type { Matte } from '../shared/types.ts'

/** Levels of 20 and 80 %: the sides of a hard edge. */
const CLEAR = 51
const OPAQUE = 204
/** Part of the frame's side that counts as beside the frame. */
const MARGIN = 0.06
/** Colors that differ by less than this mean difference of the channels count as alike, levels. */
const ALIKE = 12
/** How far from the outline colors are compared, px of the grid. */
const REACH = 3

/**
 * Looks for a hard edge that runs straight and parallel to a side of the frame, close to that side, where the photograph
 * has no edge. Some networks and tools lose the outermost pixels.
 *
 * @param grid uint8, [height, width]. @param colors uint8, [height, width, 3].
 * @returns length of the longest such edge, as a share of its side of the frame
 */
export function measureCut({ data, width, height }: Matte, colors: Uint8Array): number {
  const alongRows = { length: height, depth: width, step: width, inward: 1, origin: 0 }
  const alongColumns = { length: width, depth: height, step: 1, inward: width, origin: 0 }
  const sides = [
    alongRows,
    { ...alongRows, inward: -1, origin: width - 1 },
    alongColumns,
    { ...alongColumns, inward: -width, origin: (height - 1) * width },
  ]
  let longest = 0
  for (const { length, depth, step, inward, origin } of sides) {
    for (let d = 1; d <= depth * MARGIN; d++) {
      let count = 0
      for (let i = 0; i < length; i++) {
        const pixel = origin + i * step + d * inward
        const outside = pixel - inward
        const inside = pixel + inward
        if (data[outside] <= CLEAR && data[inside] >= OPAQUE && differ(colors, outside, inside) < ALIKE)
          count++
      }
      longest = Math.max(longest, count / length)
    }
  }
  return longest
}

/** Compares the photograph's colors on both sides of the outline. */
export function measureContrast({ data, width, height }: Matte, colors: Uint8Array) {
  let length = 0
  let weak = 0
  let contrast = 0
  const compare = (pixel: number, step: number, room: number, at: number) => {
    if (data[pixel] >= 128 === data[pixel + step] >= 128) return
    if (at < REACH - 1 || at + REACH >= room) return
    const difference = differ(colors, pixel - step * (REACH - 1), pixel + step * REACH)
    length++
    contrast += difference
    if (difference < ALIKE) weak++
  }
  for (let y = 0, pixel = 0; y < height; y++) {
    for (let x = 0; x < width; x++, pixel++) {
      if (x < width - 1) compare(pixel, 1, width, x)
      if (y < height - 1) compare(pixel, width, height, y)
    }
  }
  return length > 0 ? { weak: weak / length, contrast: contrast / length } : { weak: 0, contrast: 255 }
}

/** Mean absolute difference of the channels of two pixels, levels. */
function differ(colors: Uint8Array, one: number, other: number): number {
  let sum = 0
  for (let c = 0; c < 3; c++) sum += Math.abs(colors[one * 3 + c] - colors[other * 3 + c])
  return sum / 3
}
