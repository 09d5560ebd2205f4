import { blurRows, type HairPicture, mean, STEPS, sampleRows } from './sample-rows.ts'
import type { Point } from './stage.ts'

/** A hair below a stroke. */
export interface Hair {
  /** The middle line, a point per px. */
  points: Point[]
  /** How clearly the hair is seen at each point, in [0,1]. */
  clearness: number[]
  /** px */
  halfWidth: number
}

/** Distances at which the background beside a hair is read, steps. */
const SIDES = [3, 5, 8]
/** Steps beside the farthest hair that are read: a side beyond the picture is extrapolated from twice its distance. */
const PAD = 16
/** The farthest that a hair is from the middle of the stroke, px. */
const MAX_REACH = 12
/** Levels that a change of the offset by a step costs. */
const BEND = 0.5
/** Levels that the greatest distance from the middle of the stroke costs. */
const FAR = 1.5
/** A hair differs from both of its sides by this mean difference at least, levels. */
const LEAST_CONTRAST = 1.5
const [MIN_HALF_WIDTH, MAX_HALF_WIDTH] = [0.5, 3]
/** Length at which a hair fades at its ends, px. */
const END = 6

/** Distance from the middle of a stroke within which a hair is searched, px. @param radius of the brush, px */
function reachOf(radius: number): number {
  return Math.min(MAX_REACH, Math.max(2, radius))
}

/** The greatest half width of a hair, px: the brush is three times as wide as the hair at least. */
function limitHalfWidth(radius: number): number {
  return Math.max(MIN_HALF_WIDTH, radius / 3)
}

/** Distance from a stroke within which all pixels of its hair lie, px. @param radius of the brush, px */
export function hairMargin(radius: number): number {
  return Math.ceil(reachOf(radius) + Math.min(MAX_HALF_WIDTH, limitHalfWidth(radius)) + 1)
}

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
  const reach = Math.ceil(reachOf(radius) * STEPS)
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
    halfWidth: Math.min(measureHalfWidth(rows, smooth, sign), limitHalfWidth(radius)),
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

/**
 * Difference from the nearer of both sides, at each offset: levels; 0 outside of the picture.
 *
 * @param sign 1: bright lines; −1: dark ones
 */
function measureRidges(rows: readonly Float32Array[], reach: number, sign: number): Float32Array[] {
  return rows.map(row =>
    Float32Array.from({ length: 2 * reach + 1 }, (_, offset) => {
      const at = offset + PAD
      let best = Number.NEGATIVE_INFINITY
      for (const side of SIDES) {
        const [one, other] = [readBeside(row, at, -side), readBeside(row, at, side)]
        const contrast = sign * row[at] - Math.max(sign * one, sign * other)
        // NaN is not greater.
        if (contrast > best) best = contrast
      }
      return Number.isFinite(best) ? best : 0
    }),
  )
}

/** The level beside a hair. Beyond the rim of the picture, the background continues as it changes on the other side. */
function readBeside(row: Float32Array, at: number, side: number): number {
  return Number.isNaN(row[at + side]) ? 3 * row[at - side] - 2 * row[at - 2 * side] : row[at + side]
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

/** Half of the width at which the mean profile has half of its height, px. A side beyond the picture does not count. */
function measureHalfWidth(rows: readonly Float32Array[], offsets: readonly number[], sign: number): number {
  const reach = SIDES[SIDES.length - 1]
  const profile = (step: number) =>
    mean(rows.map((row, i) => sign * row[Math.round(offsets[i]) + PAD + step]).filter(Number.isFinite))
  const sides = [1, -1].map(direction => Array.from({ length: reach + 1 }, (_, i) => profile(direction * i)))
  const widths = sides.filter(side => side.every(Number.isFinite)).map(measureSide)
  return Math.min(MAX_HALF_WIDTH, Math.max(MIN_HALF_WIDTH, widths.length > 0 ? mean(widths) : 1))
}

/** Distance at which the levels fall to the middle between the first and the least, px. */
function measureSide(levels: readonly number[]): number {
  const half = (levels[0] + Math.min(...levels)) / 2
  const beyond = levels.findIndex(level => level < half)
  if (beyond < 1) return 1
  return (beyond - (half - levels[beyond]) / (levels[beyond - 1] - levels[beyond])) / STEPS
}

function average(values: readonly number[], reach: number): number[] {
  return values.map((_, i) => mean(values.slice(Math.max(0, i - reach), i + reach + 1)))
}
