import type { Point } from './stage.ts'

/** A picture in which hairs are traced. */
export interface HairPicture {
  /** uint8, [height, width, 4]. */
  colors: Uint8ClampedArray
  width: number
  height: number
}

/** A hair below a stroke. */
export interface Hair {
  /** The middle line, a point per px. */
  points: Point[]
  /** How clearly the hair is seen at each point, in [0,1]. */
  clearness: number[]
  /** px */
  halfWidth: number
}

/** Offsets from the stroke per px. */
const STEPS = 2
/** Distances at which the background beside a hair is read, steps. */
const SIDES = [3, 5, 8]
const PAD = 8
/** The farthest that a hair is from the middle of the stroke, px. */
const MAX_REACH = 12
/** Length over which the photograph is averaged along the stroke, px in each direction: it removes noise. */
const BLUR = 4
/** Levels that a change of the offset by a step costs. */
const BEND = 0.5
/** Levels that the greatest distance from the middle of the stroke costs. */
const FAR = 1.5
/** A hair differs from both of its sides by this mean difference at least, levels. */
const LEAST_CONTRAST = 1.5
const [MIN_HALF_WIDTH, MAX_HALF_WIDTH] = [0.5, 3]
/** Length at which a hair fades at its ends, px. */
const END = 6

/**
 * Traces the hair that a stroke follows: the line near the stroke that is brighter, or darker, than both of its sides, found by
 * dynamic programming over the offset from the stroke.
 *
 * @param path px of the picture
 * @param radius of the brush, px
 * @returns `undefined` if there is no such line
 */
export function traceHair(picture: HairPicture, path: readonly Point[], radius: number): Hair | undefined {
  const line = resample(path)
  if (line.length < 4) return undefined
  const normals = line.map((_, i) => normalAt(line, i))
  const reach = Math.ceil(Math.min(MAX_REACH, Math.max(2, radius)) * STEPS)
  const rows = sampleRows(picture, line, normals, reach + PAD)
  const [bright, dark] = [1, -1].map(sign => findRidge(measureRidges(blurRows(rows), reach, sign), reach))
  const { ridge, offsets, sign } =
    bright.contrast >= dark.contrast ? { ...bright, sign: 1 } : { ...dark, sign: -1 }
  if (mean(ridge) < LEAST_CONTRAST) return undefined
  const smooth = average(offsets, 3)
  return {
    points: line.map(({ x, y }, i) => {
      const offset = (smooth[i] - reach) / STEPS
      return { x: x + normals[i].x * offset, y: y + normals[i].y * offset }
    }),
    clearness: average(ridge, 10).map((contrast, i) =>
      Math.max(0, Math.min(1, (contrast - 0.5) / 2, (i + 1) / END, (line.length - i) / END)),
    ),
    // The brush is three times as wide as the hair at least.
    halfWidth: Math.min(measureHalfWidth(rows, smooth, sign), Math.max(MIN_HALF_WIDTH, radius / 3)),
  }
}

/** Points at a distance of 1 px, without the tremor of a hand. */
function resample(path: readonly Point[]): Point[] {
  const points = path.slice(0, 1)
  for (const [i, to] of path.slice(1).entries()) {
    const from = path[i]
    const steps = Math.round(Math.hypot(to.x - from.x, to.y - from.y))
    for (let step = 1; step <= steps; step++) {
      const share = step / steps
      points.push({ x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share })
    }
  }
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)].map(values => average(values, 2))
  return xs.map((x, i) => ({ x, y: ys[i] }))
}

function normalAt(line: readonly Point[], i: number): Point {
  const [from, to] = [line[Math.max(0, i - 3)], line[Math.min(line.length - 1, i + 3)]]
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1
  return { x: -(to.y - from.y) / length, y: (to.x - from.x) / length }
}

/** Luminance across the stroke, at each of its points: levels. */
function sampleRows(picture: HairPicture, line: Point[], normals: Point[], steps: number): Float32Array[] {
  return line.map(({ x, y }, i) =>
    Float32Array.from({ length: 2 * steps + 1 }, (_, at) => {
      const offset = (at - steps) / STEPS
      return readLuminance(picture, x + normals[i].x * offset, y + normals[i].y * offset)
    }),
  )
}

/** Luminance between pixel centers, levels. */
function readLuminance({ colors, width, height }: HairPicture, x: number, y: number): number {
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

function blurRows(rows: readonly Float32Array[]): Float32Array[] {
  return rows.map((row, i) => {
    const near = rows.slice(Math.max(0, i - BLUR), i + BLUR + 1)
    return row.map((_, at) => near.reduce((sum, one) => sum + one[at], 0) / near.length)
  })
}

/** Difference from the nearer of both sides, at each offset: levels. @param sign 1: bright lines; −1: dark ones */
function measureRidges(rows: readonly Float32Array[], reach: number, sign: number): Float32Array[] {
  return rows.map(row =>
    Float32Array.from({ length: 2 * reach + 1 }, (_, offset) => {
      const at = offset + PAD
      return Math.max(
        ...SIDES.map(side => sign * Math.max(sign * row[at - side], sign * row[at + side])).map(
          beside => sign * (row[at] - beside),
        ),
      )
    }),
  )
}

/** The best path: one offset per point, with the difference from the sides along the path. */
function findRidge(ridges: readonly Float32Array[], reach: number) {
  const count = 2 * reach + 1
  const costOf = (offset: number) => FAR * ((offset - reach) / reach) ** 2
  let scores = ridges[0].map((ridge, offset) => ridge - costOf(offset))
  const steps: Int8Array[] = []
  for (const row of ridges.slice(1)) {
    const step = new Int8Array(count)
    const next = new Float32Array(count)
    for (let offset = 0; offset < count; offset++) {
      let best = scores[offset]
      for (const by of [-1, 1]) {
        const score = (scores[offset + by] ?? Number.NEGATIVE_INFINITY) - BEND
        if (score > best) [best, step[offset]] = [score, by]
      }
      next[offset] = best + row[offset] - costOf(offset)
    }
    steps.push(step)
    scores = next
  }
  const contrast = Math.max(...scores)
  const offsets = [scores.indexOf(contrast)]
  for (const step of steps.reverse()) offsets.unshift(offsets[0] + step[offsets[0]])
  return { contrast, offsets, ridge: offsets.map((offset, i) => ridges[i][offset]) }
}

/** Half of the width at which the mean profile has half of its height, px. */
function measureHalfWidth(rows: readonly Float32Array[], offsets: readonly number[], sign: number): number {
  const profile = Array.from({ length: 2 * PAD + 1 }, (_, at) =>
    mean(rows.map((row, i) => sign * row[Math.round(offsets[i]) + at])),
  )
  const peak = profile[PAD]
  const widths = [1, -1].map(direction => {
    const side = Array.from({ length: PAD + 1 }, (_, i) => profile[PAD + direction * i])
    const half = (peak + Math.min(...side)) / 2
    const beyond = side.findIndex(level => level < half)
    if (beyond < 1) return 1
    return (beyond - (half - side[beyond]) / (side[beyond - 1] - side[beyond])) / STEPS
  })
  return Math.min(MAX_HALF_WIDTH, Math.max(MIN_HALF_WIDTH, mean(widths)))
}

function average(values: readonly number[], reach: number): number[] {
  return values.map((_, i) => mean(values.slice(Math.max(0, i - reach), i + reach + 1)))
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
