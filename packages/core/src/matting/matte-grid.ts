import type { Matte } from '../shared/types.ts'

/** Longest side of the grid, px. */
const GRID = 256

/** A matte averaged down to at most 256 × 256: hair and noise average out, and all that follows costs little. */
export interface MatteGrid extends Matte {
  /** Number of samples of the matte with at least `least`. */
  visible: number
}

/** @param least level from which a sample of the matte counts as visible */
export function createMatteGrid({ data, width, height }: Matte, least: number): MatteGrid {
  const columns = Math.min(width, GRID)
  const rows = Math.min(height, GRID)
  const columnOf = Uint16Array.from({ length: width }, (_, x) => Math.floor((x * columns) / width))
  const widths = new Uint32Array(columns)
  for (const column of columnOf) widths[column]++
  const grid = new Uint8Array(columns * rows)
  const sums = new Uint32Array(columns)
  let visible = 0
  for (let row = 0; row < rows; row++) {
    const first = Math.ceil((row * height) / rows)
    const end = Math.ceil(((row + 1) * height) / rows)
    sums.fill(0)
    for (let y = first, i = first * width; y < end; y++) {
      for (let x = 0; x < width; x++, i++) {
        const alpha = data[i]
        sums[columnOf[x]] += alpha
        if (alpha >= least) visible++
      }
    }
    for (let column = 0; column < columns; column++)
      grid[row * columns + column] = sums[column] / (widths[column] * (end - first)) + 0.5
  }
  return { data: grid, width: columns, height: rows, visible }
}
