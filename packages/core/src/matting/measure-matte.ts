import type { Matte, Raster } from '../shared/types.ts'
import { LEAST_ALPHA } from './bounds.ts'
import { createMatteGrid, sampleColors } from './matte-grid.ts'
import { measureContrast, measureCut } from './outline.ts'
import { erode, fillHoles, findPieces } from './pieces.ts'

/** What can be measured of a matte if the true one is unknown. All are shares in [0,1] unless they say otherwise. */
export interface MatteFigures {
  /** Of the frame: alpha of 5 % or more, the least of a subject. */
  visible: number
  /** Of the frame: alpha of 50 % or more. */
  solid: number
  /** Of the subject with its holes, away from its outline: alpha below 90 %. */
  hollow: number
  /** Of the solid area: outside its largest piece. */
  scattered: number
  /** Area where alpha stays between 10 and 90 %, away from every edge, relative to the visible area. */
  unsure: number
  /** Of a side of the frame: the matte ends there in a straight line beside the frame, and the photograph goes on. */
  cut: number
  /** Of the outline: the photograph has about the same color on both sides. */
  weak: number
  contrast: number
}

/** Levels of 10, 50 and 90 %. */
const LOW = 26
const HALF = 128
const HIGH = 230
/** Distance from an edge from which a pixel counts as inside, px of the grid. */
const INSET = 2

/**
 * Measures a matte on a grid of at most 256 × 256.
 *
 * @param matte uint8, [height, width], any size.
 * @param raster the photograph, any size: uint8, [height, width, 3 | 4].
 */
export function measureMatte(matte: Matte, raster: Raster): MatteFigures {
  const grid = createMatteGrid(matte, LEAST_ALPHA)
  const { data, width, height } = grid
  const colors = sampleColors(raster, width, height)
  const areas = findPieces(mark(data, HALF, 255), width)
  const solid = sum(areas)
  return {
    visible: grid.visible / matte.data.length,
    solid: solid / data.length,
    hollow: measureHollow(data, width),
    scattered: solid > 0 ? 1 - areas.reduce((most, area) => Math.max(most, area), 0) / solid : 0,
    unsure: measureUnsure(data, width),
    cut: measureCut(grid, colors),
    ...measureContrast(grid, colors),
  }
}

function measureHollow(data: Uint8Array, width: number): number {
  const inside = erode(fillHoles(mark(data, HALF, 255), width), width, INSET)
  let open = 0
  for (let i = 0; i < data.length; i++) if (inside[i] && data[i] < HIGH) open++
  return share(open, sum(inside))
}

function measureUnsure(data: Uint8Array, width: number): number {
  const unsure = sum(erode(mark(data, LOW, HIGH), width, INSET))
  return share(unsure, sum(mark(data, LOW, 255)))
}

/** Marks the pixels whose level is between two levels, inclusive: uint8, 0 or 1. */
function mark(data: Uint8Array, least: number, most: number): Uint8Array {
  return data.map(alpha => (alpha >= least && alpha <= most ? 1 : 0))
}

function share(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0
}

function sum(numbers: Uint8Array | number[]): number {
  let total = 0
  for (const number of numbers) total += number
  return total
}
