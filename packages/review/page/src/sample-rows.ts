import type { Point } from './stage.ts'

/** A picture in which hairs are traced. */
export interface HairPicture {
  /** uint8, [height, width, 4]. */
  colors: Uint8ClampedArray
  width: number
  height: number
}

/** Samples across a stroke per px. */
export const STEPS = 2
/** Length over which the photograph is averaged along the stroke, px in each direction: it removes noise. */
const BLUR = 4

/**
 * Reads the luminance across a stroke, at each of its points.
 *
 * @param line points of the stroke, px
 * @param normals directions across the stroke, of length 1
 * @param steps number of samples on each side of a point
 * @returns levels, [line.length][2 × steps + 1]; NaN outside of the picture
 */
export function sampleRows(
  picture: HairPicture,
  line: readonly Point[],
  normals: readonly Point[],
  steps: number,
): Float32Array[] {
  return line.map(({ x, y }, i) =>
    Float32Array.from({ length: 2 * steps + 1 }, (_, at) => {
      const offset = (at - steps) / STEPS
      return readLuminance(picture, x + normals[i].x * offset, y + normals[i].y * offset)
    }),
  )
}

/** Averages each column over the rows nearby. A sample outside of the picture does not count. */
export function blurRows(rows: readonly Float32Array[]): Float32Array[] {
  return rows.map((row, i) => {
    const [first, last] = [Math.max(0, i - BLUR), Math.min(rows.length - 1, i + BLUR)]
    // Without a list of the samples: this runs at each move of the pointer.
    return row.map((_, at) => {
      let [sum, count] = [0, 0]
      for (let near = first; near <= last; near++) {
        if (Number.isNaN(rows[near][at])) continue
        sum += rows[near][at]
        count++
      }
      return sum / count
    })
  })
}

/** @returns NaN for no value */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Luminance between pixel centers, levels. */
function readLuminance({ colors, width, height }: HairPicture, x: number, y: number): number {
  if (!(x >= 0 && x <= width && y >= 0 && y <= height)) return Number.NaN
  const [left, top] = [Math.floor(x - 0.5), Math.floor(y - 0.5)]
  const [right, low] = [x - 0.5 - left, y - 0.5 - top]
  const at = (column: number, row: number) => {
    const i = 4 * (Math.min(height - 1, Math.max(0, row)) * width + Math.min(width - 1, Math.max(0, column)))
    return (colors[i] + 2 * colors[i + 1] + colors[i + 2]) / 4
  }
  const above = at(left, top) * (1 - right) + at(left + 1, top) * right
  const below = at(left, top + 1) * (1 - right) + at(left + 1, top + 1) * right
  return above * (1 - low) + below * low
}
