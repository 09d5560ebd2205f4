import type { Matte, Raster } from '../shared/types.ts'

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

/**
 * Samples a photograph at the centers of a grid's cells.
 *
 * @returns uint8, [height, width, 3]
 */
export function sampleColors(raster: Raster, width: number, height: number): Uint8Array {
  const { data, channels } = raster
  const colors = new Uint8Array(width * height * 3)
  for (let y = 0, to = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * raster.height) / height) * raster.width
    for (let x = 0; x < width; x++, to += 3) {
      const from = (row + Math.floor(((x + 0.5) * raster.width) / width)) * channels
      colors[to] = data[from]
      colors[to + 1] = data[from + 1]
      colors[to + 2] = data[from + 2]
    }
  }
  return colors
}
