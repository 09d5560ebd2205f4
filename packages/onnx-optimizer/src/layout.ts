import { type Cells, countPlaces } from './move-cells.ts'
import type { GraphNode } from './read-node.ts'

/** What is known of a value. */
export interface Layout {
  dims: readonly number[]
  /** Number of neighbors along the last axis that form a cell. If it is more than 1, it is the size of the last axis. */
  unit: number
  /** A whole number for each cell, if they are known. */
  cells?: Float64Array
  /** The number of a float32 scalar, if it is known. */
  float?: number
}

/** What is known of the inputs of a node. */
export type Known = readonly (Layout | undefined)[]

/**
 * Finds what is known of the result of an operator.
 *
 * @param output index of the result; more than 0 only for Split
 * @returns undefined if the shape is unknown
 */
export type LayoutRule = (node: GraphNode, inputs: Known, output: number) => Layout | undefined

/** The number of a cell that contains only zeros. */
export const zeroCell = -1

/** Maximum number of cells: of a list of whole numbers, and of rows of a value. BiRefNet has 266 256 rows at 2048 × 2048. */
const maxCells = { numbers: 64, rows: 2 ** 20 }

/**
 * Makes a layout.
 *
 * @param compute returns the cells, if they are known
 * @returns undefined if the shape is none, or divides a cell
 */
export function makeLayout(
  dims: readonly number[],
  unit: number,
  compute?: (() => Float64Array) | false,
): Layout | undefined {
  if (!dims.every(size => Number.isSafeInteger(size) && size >= 0)) return undefined
  if (unit > 1 && dims.at(-1) !== unit) return undefined
  const isSmall = countPlaces(dims) / unit <= (unit > 1 ? maxCells.rows : maxCells.numbers)
  return compute && isSmall ? { dims, unit, cells: compute() } : { dims, unit }
}

/** Returns the cells as an array: the last axis of larger cells has one place. */
export function toCells({ dims, unit, cells }: Layout): Cells {
  return { dims: unit > 1 ? dims.with(-1, 1) : dims, numbers: cells! }
}

/** Returns the whole numbers of a list or of a scalar. */
export function numbersOf(layout: Layout | undefined): number[] | undefined {
  return layout?.unit === 1 && layout.dims.length < 2 && layout.cells ? [...layout.cells] : undefined
}
