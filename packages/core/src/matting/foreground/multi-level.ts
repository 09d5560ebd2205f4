import { createBand, createWholeBand, findSeeds, type Seeds, shrinkSeeds } from './band.ts'
import type { Frame } from './frame.ts'
import { createLevel, type RowStream } from './level.ts'

/** Sweeps on a level whose sides are at most `SMALL_SIDE` px, and on larger ones. */
const SMALL_ITERATIONS = 10
const BIG_ITERATIONS = 2
const SMALL_SIDE = 32

/** How far from fractional alpha, and on how large levels, the solver looks. The defaults are the shipped ones. */
export interface MultiLevelOptions {
  /** px; on the sparse levels only pixels so near to fractional alpha are solved. `Infinity` is the method in full. */
  bandPx?: number
  /** px; levels with a side longer than this are sparse. */
  denseSidePx?: number
}

/**
 * Estimates foreground and background colours by the multi-level method: solved at 1×1 px, carried up and refined
 * through levels that nearly double, down to the frame itself. The frame is only read, and a row of it is read for the
 * last time before the row above it is given out; so the caller may overwrite each row as it comes.
 *
 * Memory: some rows of each level, and a byte per pixel to mark the fractional ones.
 *
 * @returns The finest level; on the frame, only columns within `bandPx` of fractional alpha hold colours. `undefined`
 *   where no alpha is fractional and the band is bounded: nothing is to be done.
 * @see https://arxiv.org/abs/2006.14970, and pymatting's estimate_foreground_ml, whose parameters these are
 */
export function solveLevels(frame: Frame, options: MultiLevelOptions = {}): RowStream | undefined {
  const { bandPx = 2, denseSidePx = 256 } = options
  const sizes = listLevelSizes(frame.width, frame.height)
  const bounded = Number.isFinite(bandPx)
  const finest = bounded ? findSeeds(frame) : undefined
  if (bounded && !finest) return undefined

  const seedsOf = new Map<number, Seeds>()
  let seeds = finest
  for (let i = sizes.length - 1; seeds && i >= 0 && Math.max(...sizes[i]) > denseSidePx; i--) {
    seeds = i === sizes.length - 1 ? seeds : shrinkSeeds(seeds, ...sizes[i])
    seedsOf.set(i, seeds)
  }

  let stream = createRoot(frame)
  for (const [i, [width, height]] of sizes.entries()) {
    const iterations = Math.max(width, height) <= SMALL_SIDE ? SMALL_ITERATIONS : BIG_ITERATIONS
    const sparse = seedsOf.get(i)
    const solve = sparse ? createBand(sparse, bandPx) : createWholeBand(width)
    const fill = sparse ? createBand(sparse, bandPx + 1) : createWholeBand(width)
    stream = createLevel(frame, { width, height, iterations, solve, fill, pin: sparse !== undefined }, stream)
  }
  return stream
}

/** Widths and heights from 1×1 to the frame's: each side grows by its own factor, so that both arrive together. */
export function listLevelSizes(width: number, height: number): [number, number][] {
  const steps = Math.ceil(Math.log2(Math.max(width, height)))
  if (steps === 0) return [[width, height]]
  return Array.from({ length: steps + 1 }, (_, level) => {
    const share = level / steps
    return [roundHalfToEven(width ** share), roundHalfToEven(height ** share)]
  })
}

/** Rounds as Python does; the method is defined by its Python implementation. */
function roundHalfToEven(value: number): number {
  const below = Math.floor(value)
  const rest = value - below
  if (rest === 0.5) return below % 2 === 0 ? below : below + 1
  return rest < 0.5 ? below : below + 1
}

/** The guess before the first level: mean colours where alpha > 0.9 (foreground) and < 0.1 (background); black if none. */
function createRoot({ pixels }: Frame): RowStream {
  const sums = new Float64Array(6)
  const counts = [0, 0]
  for (let i = 0; i < pixels.length; i++) {
    const pixel = pixels[i]
    const alpha = pixel >>> 24
    const part = alpha > 229 ? 0 : alpha < 26 ? 1 : 2
    if (part === 2) continue
    counts[part]++
    sums[3 * part] += pixel & 255
    sums[3 * part + 1] += (pixel >>> 8) & 255
    sums[3 * part + 2] += (pixel >>> 16) & 255
  }
  const means = Float32Array.from(sums, (sum, i) => sum / Math.max(1, counts[i < 3 ? 0 : 1]))
  return { width: 1, height: 1, readRow: () => means }
}
