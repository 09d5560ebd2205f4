import { createSpans, mapNearest, type Spans } from './band.ts'
import type { Frame } from './frame.ts'
import { correctColors, findThin, guessColors } from './guess.ts'
import { solveSpan } from './solve.ts'

/** The solution of one level, row by row. */
export interface RowStream {
  width: number
  height: number
  /**
   * Returns the solved colors of row y: float32, [width, 6], foreground R, G, B and background R, G, B in [0,255], valid
   * until the next row is read. Read the rows in order; a row may be read repeatedly.
   */
  readRow(y: number): Float32Array
}

/** How one level of the pyramid is solved. */
export interface LevelSettings {
  width: number
  height: number
  /** Gauss–Seidel sweeps. */
  iterations: number
  /** The spans to solve, row by row. `fill` contains `solve` and its direct neighbors. */
  solve: (y: number) => Spans
  fill: (y: number) => Spans
  /** Whether to correct the guess by each pixel's color and to solve only thin alpha. */
  correct: boolean
}

/** The data of one row during the sweeps. */
interface Row {
  /** uint32, [width]: the frame's pixels, nearest neighbors. Only the columns of `fill` are set. */
  pixels: Uint32Array
  /** float32, [width, 6], as in `RowStream`. */
  colors: Float32Array
  solve: Spans
}

/**
 * Creates one level of the pyramid as a stream: each row is computed when the next finer level reads it.
 *
 * A Gauss–Seidel sweep in row order reads the row above (already swept) and the row below (not yet swept). So sweep i can
 * run on row y once sweep i − 1 has passed row y + 1: all sweeps go down the image together, one row apart, and only
 * `iterations + 2` rows are held. The result is identical to that of whole-frame sweeps.
 */
export function createLevel(frame: Frame, settings: LevelSettings, coarser: RowStream): RowStream {
  const { width, height, iterations } = settings
  const columns = mapNearest(width, frame.width)
  const coarserColumns = mapNearest(width, coarser.width)
  const rows: Row[] = []
  const heldRows = iterations + 2
  let loaded = 0

  function loadRow(y: number): void {
    const slot = y % heldRows
    rows[slot] ??= createRow(width)
    const row = rows[slot]
    const fill = settings.fill(y)
    const solve = settings.solve(y)
    // Read even if there is nothing to fill: the caller may overwrite rows of the frame that the coarser level still needs.
    const guess = coarser.readRow(Math.floor((y * coarser.height) / height))
    readPixels(frame, Math.floor((y * frame.height) / height), columns, fill, row)
    guessColors(guess, coarserColumns, fill, row)
    if (settings.correct) {
      correctColors(fill, row)
      findThin(solve, row.pixels, row.solve)
    } else {
      row.solve.edges.set(solve.edges.subarray(0, 2 * solve.count))
      row.solve.count = solve.count
    }
  }

  function sweepRow(y: number): void {
    const row = rows[y % heldRows]
    const up = rows[Math.max(y - 1, 0) % heldRows]
    const down = rows[Math.min(y + 1, height - 1) % heldRows]
    for (let i = 0; i < row.solve.count; i++) {
      solveSpan(row.solve.edges[2 * i], row.solve.edges[2 * i + 1], row, up, down)
    }
  }

  /** Loads the next row and advances each sweep by one row. */
  function step(): void {
    if (loaded < height) loadRow(loaded)
    for (let sweep = 1; sweep <= iterations; sweep++) {
      const y = loaded - sweep
      if (y >= 0 && y < height) sweepRow(y)
    }
    loaded++
  }

  return {
    width,
    height,
    readRow(y) {
      while (loaded - iterations <= y) step()
      return rows[y % heldRows].colors
    },
  }
}

function createRow(width: number): Row {
  return {
    pixels: new Uint32Array(width),
    colors: new Float32Array(width * 6),
    solve: createSpans(width),
  }
}

function readPixels(
  frame: Frame,
  y: number,
  columns: Int32Array,
  { edges, count }: Spans,
  { pixels }: Row,
): void {
  const start = y * frame.width
  for (let i = 0; i < count; i++) {
    for (let x = edges[2 * i]; x < edges[2 * i + 1]; x++) pixels[x] = frame.pixels[start + columns[x]]
  }
}
