import { placeSample } from '../shared/taps.ts'
import type { Matte } from '../shared/types.ts'
import { blurTwice } from './box-blur.ts'
import { layTiles } from './tiles.ts'

/** A square part of a finer picture on which the network runs. */
interface Tile {
  /** px in the finer picture */
  left: number
  /** px in the finer picture */
  top: number
}

/** A coarse matte that is refined by tiles. */
export interface Fusion {
  /** The tiles with uncertain samples. Elsewhere the coarse matte is kept. */
  tiles: readonly Tile[]
  /** Merges a tile's matte: uint8, [tile, tile], alpha × 255. Call it once for each tile, in any order. */
  add(tile: Tile, matte: Matte): void
  /** Returns the matte so far: uint8, [side, side]. */
  read(): Matte
}

/** Levels from 5 to 250 count as uncertain: a network's output is rarely exactly 0 or 255. */
const sure = 5

/** Distance from uncertain samples within which a tile's matte is used, in samples of the coarse matte. */
const reach = 2

/** Radius of the window over which the means of tile and coarse matte are compared, in samples of the coarse matte. */
const agreementReach = 3

/** Differences of means, in levels: up to the first the mattes agree, from the second on they disagree. */
const [agreed, disagreed] = [25, 76]

/**
 * Prepares the refinement of a coarse matte by tiles of a finer picture.
 *
 * On a part of a picture a network may find another subject than on the whole. So the coarse matte decides what the
 * subject is, and tiles only refine its edges: a tile's matte counts where the coarse matte is uncertain and both have the
 * same mean over a neighborhood. A tile adds its difference to the coarse matte, which fades out towards the tile's border,
 * so that no seams appear.
 *
 * @param coarse uint8, square.
 * @param side px of the finer matte, at least the coarse one's.
 * @param tileSide px, at most `side`.
 */
export function fuseTiles(coarse: Matte, side: number, tileSide: number): Fusion {
  const uncertainty = findUncertainty(coarse)
  const bounds = findBounds(uncertainty, coarse.width)
  const base = enlarge(Float32Array.from(coarse.data), coarse.width, side)
  if (!bounds) return { tiles: [], add() {}, read: () => toMatte(base, side) }
  const belief = enlarge(uncertainty, coarse.width, side)
  const fine = base.slice()
  const scale = side / coarse.width
  const radius = Math.round(agreementReach * scale)
  const columns = layTiles(side, tileSide, Math.floor(bounds.left * scale), Math.ceil(bounds.right * scale))
  const rows = layTiles(side, tileSide, Math.floor(bounds.top * scale), Math.ceil(bounds.bottom * scale))
  const tiles = rows.starts.flatMap(top => columns.starts.map(left => ({ left, top })))
  return {
    tiles: tiles.filter(({ left, top }) => hasBelief(belief, side, left, top, tileSide)),
    add({ left, top }, { data }) {
      const across = columns.weights[columns.starts.indexOf(left)]
      const down = rows.weights[rows.starts.indexOf(top)]
      const difference = Float32Array.from(data, (level, i) => {
        return level - base[(top + Math.floor(i / tileSide)) * side + left + (i % tileSide)]
      })
      const disagreement = blurTwice(difference, tileSide, radius)
      for (let i = 0; i < difference.length; i++) {
        const x = i % tileSide
        const y = Math.floor(i / tileSide)
        const to = (top + y) * side + left + x
        fine[to] += across[x] * down[y] * belief[to] * rateAgreement(disagreement[i]) * difference[i]
      }
    },
    read: () => toMatte(fine, side),
  }
}

/** 1 if two means agree, 0 if they disagree, with a smooth transition. */
function rateAgreement(difference: number): number {
  const share = (Math.abs(difference) - agreed) / (disagreed - agreed)
  if (share <= 0) return 1
  return share >= 1 ? 0 : 1 - share * share * (3 - 2 * share)
}

/** Returns 1 at and near uncertain samples, falling to 0 within a few samples: float32, [height, width]. */
function findUncertainty({ data, width }: Matte): Float32Array {
  const uncertain = Float32Array.from(data, level => Number(level > sure && level < 255 - sure))
  // Values below 1/1000 are rounding errors of 0.
  return blurTwice(uncertain, width, reach).map(share => Math.min(1, Math.max(0, share - 1e-3) * 8))
}

/** The smallest rectangle around all values above 0; `right` and `bottom` are exclusive. */
function findBounds(data: Float32Array, width: number) {
  const bounds = { left: width, top: data.length / width, right: 0, bottom: 0 }
  for (let i = 0; i < data.length; i++) {
    if (data[i] === 0) continue
    const x = i % width
    const y = Math.floor(i / width)
    bounds.left = Math.min(bounds.left, x)
    bounds.right = Math.max(bounds.right, x + 1)
    bounds.top = Math.min(bounds.top, y)
    bounds.bottom = Math.max(bounds.bottom, y + 1)
  }
  return bounds.right > 0 ? bounds : undefined
}

function hasBelief(belief: Float32Array, side: number, left: number, top: number, tile: number): boolean {
  for (let y = top; y < top + tile; y++) {
    if (belief.subarray(y * side + left, y * side + left + tile).some(value => value > 0)) return true
  }
  return false
}

/** Enlarges bilinearly with aligned pixel centers, repeating the outermost samples: float32, [side, side]. */
function enlarge(data: Float32Array, width: number, side: number): Float32Array {
  const enlarged = new Float32Array(side * side)
  const positions = Float64Array.from({ length: side }, (_, i) => placeSample(i, width, side))
  const at = (y: number, x: number) => {
    const left = Math.floor(x)
    const before = data[y * width + left]
    return before + (data[y * width + Math.min(left + 1, width - 1)] - before) * (x - left)
  }
  for (let y = 0; y < side; y++) {
    const above = Math.floor(positions[y])
    const below = Math.min(above + 1, width - 1)
    for (let x = 0; x < side; x++) {
      const before = at(above, positions[x])
      enlarged[y * side + x] = before + (at(below, positions[x]) - before) * (positions[y] - above)
    }
  }
  return enlarged
}

function toMatte(levels: Float32Array, side: number): Matte {
  const clamped = Uint8ClampedArray.from(levels)
  return { data: new Uint8Array(clamped.buffer), width: side, height: side }
}
