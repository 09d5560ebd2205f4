/** Overlapping tiles along one axis. In an overlap, one tile fades out while the next fades in. */
export interface TileAxis {
  /** First px of each tile, ascending. */
  starts: number[]
  /** Per tile float32, [tile]: the weight of each px. The weights of a px over all tiles add up to 1. */
  weights: Float32Array[]
}

/** Least overlap of two neighboring tiles, as a share of a tile. */
const leastOverlap = 1 / 4

/** Context that a tile shows around the uncertain part, as a share of a tile. */
const context = 1 / 8

/**
 * Covers [from, to) and some context around it with as few evenly spaced tiles as possible, within [0, side).
 *
 * @param tile px, at most `side`.
 */
export function layTiles(side: number, tile: number, from: number, to: number): TileAxis {
  const margin = Math.round(tile * context)
  // If everything fits into one tile, center it.
  const spare = Math.max(0, tile - (to - from + 2 * margin))
  const first = clamp(Math.floor(from - margin - spare / 2), 0, side - tile)
  const last = clamp(Math.ceil(to + margin + spare / 2) - tile, first, side - tile)
  const gaps = Math.ceil((last - first) / (tile * (1 - leastOverlap)))
  const starts = Array.from(
    { length: gaps + 1 },
    (_, i) => first + Math.round((i * (last - first)) / (gaps || 1)),
  )
  return { starts, weights: weighTiles(starts, tile) }
}

function weighTiles(starts: readonly number[], tile: number): Float32Array[] {
  const weights = starts.map((start, i) => {
    const overlapBefore = i > 0 ? starts[i - 1] + tile - start : 0
    const overlapAfter = i < starts.length - 1 ? start + tile - starts[i + 1] : 0
    return Float32Array.from(
      { length: tile },
      (_, at) => fade(at, overlapBefore) * fade(tile - 1 - at, overlapAfter),
    )
  })
  const sums = new Float32Array(starts[starts.length - 1] + tile - starts[0])
  const eachSample = (change: (tile: number, at: number, sum: number) => void) => {
    for (const [i, start] of starts.entries())
      for (let at = 0; at < tile; at++) change(i, at, start - starts[0] + at)
  }
  eachSample((i, at, sum) => (sums[sum] += weights[i][at]))
  eachSample((i, at, sum) => (weights[i][at] /= sums[sum]))
  return weights
}

/** Rises smoothly from just above 0 at the border to 1 at the end of the overlap. */
function fade(distance: number, overlap: number): number {
  if (distance >= overlap) return 1
  const share = (distance + 0.5) / overlap
  return share * share * (3 - 2 * share)
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most)
}
