import type { Matte, Raster } from '../shared/types.ts'
import { LEAST_ALPHA } from './bounds.ts'
import { createMatteGrid } from './matte-grid.ts'
import { measureCut } from './measure-cut.ts'
import { fillHoles, findPieces, measureDistance } from './pieces.ts'

/** What can be measured of a matte if the true one is unknown: shares in [0,1]. */
export interface MatteFigures {
  /** Of the frame: alpha of 5 % or more, the least of a subject. */
  visible: number
  /** Of the frame: alpha of 50 % or more. */
  solid: number
  /** Of the subject with its holes, away from its outline: alpha below 90 %. */
  hollow: number
  /** Of what has an alpha of 10 % or more: alpha stays below 90 %, away from every edge. */
  unsure: number
  /** Of the sum of alpha: away from all that has an alpha of 50 % or more. */
  hazy: number
  /** Of what has an alpha of 50 % or more: outside its largest piece. */
  scattered: number
  /** Of a side of the frame: see {@link measureCut}. */
  cut: number
}

/** Levels of 10, 50 and 90 %. */
const LOW = 26
const HALF = 128
const HIGH = 230
/** Distance from an edge from which a pixel counts as away from the edge, px of the grid. */
const INSET = 3
/** Distance from the subject from which alpha is haze and not a soft edge, px of the grid. */
const SOFT_EDGE = 9

/**
 * Measures a matte on a grid of at most 256 × 256.
 *
 * @param matte uint8, [height, width], any size.
 * @param raster the photograph, any size: uint8, [height, width, 3 | 4].
 */
export function measureMatte(matte: Matte, raster: Raster): MatteFigures {
  const grid = createMatteGrid(matte, LEAST_ALPHA)
  const { data, width } = grid
  const solid = mark(data, HALF, 255)
  const { areas } = findPieces(solid, width)
  const area = areas.reduce((total, piece) => total + piece, 0)
  const largest = areas.reduce((most, piece) => Math.max(most, piece), 0)
  return {
    visible: grid.visible / matte.data.length,
    solid: area / data.length,
    hollow: measureHollow(data, width, solid),
    unsure: measureUnsure(data, width),
    hazy: measureHaze(data, width, solid),
    scattered: divide(area - largest, area),
    cut: measureCut(grid, raster),
  }
}

function measureHollow(data: Uint8Array, width: number, solid: Uint8Array): number {
  const depth = measureDistance(fillHoles(solid, width), width, 0)
  let open = 0
  let inside = 0
  for (let i = 0; i < data.length; i++) {
    if (depth[i] < INSET) continue
    inside++
    if (data[i] < HIGH) open++
  }
  return divide(open, inside)
}

function measureUnsure(data: Uint8Array, width: number): number {
  const depth = measureDistance(mark(data, LOW, HIGH), width, 0)
  let unsure = 0
  let visible = 0
  for (let i = 0; i < data.length; i++) {
    if (depth[i] >= INSET) unsure++
    if (data[i] >= LOW) visible++
  }
  return divide(unsure, visible)
}

function measureHaze(data: Uint8Array, width: number, solid: Uint8Array): number {
  const distance = measureDistance(solid, width, 1)
  let haze = 0
  let sum = 0
  for (let i = 0; i < data.length; i++) {
    sum += data[i]
    if (distance[i] >= SOFT_EDGE) haze += data[i]
  }
  return divide(haze, sum)
}

/** Marks the pixels whose level is between two levels, inclusive: uint8, 0 or 1. */
function mark(data: Uint8Array, least: number, most: number): Uint8Array {
  const marks = new Uint8Array(data.length)
  for (let i = 0; i < data.length; i++) marks[i] = data[i] >= least && data[i] <= most ? 1 : 0
  return marks
}

function divide(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0
}
