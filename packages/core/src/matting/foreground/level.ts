import { createSpans, mapNearest, type Spans } from './band.ts'
import type { Frame } from './frame.ts'
import { correctColors, findThin, guessColors } from './guess.ts'
import { solveSpan } from './solve.ts'

/** One level's solution, row by row. */
export interface RowStream {
  width: number
  height: number
  /**
   * The solved colors of row y: float32, [width, 6], foreground R, G, B and background R, G, B in [0,255]. Rows are asked
   * for in order (the same one as often as one likes), and hold until the next one is.
   */
  readRow(y: number): Float32Array
}

/** How one level of the pyramid is solved. */
export interface LevelSettings {
  width: number
  height: number
  /** Gauss–Seidel sweeps. */
  iterations: number
  /** Where to solve, row by row; `fill` holds `solve` and its direct neighbors. */
  solve: (y: number) => Spans
  fill: (y: number) => Spans
  /** Whether the guess is corrected by each pixel's own color, and only thin alpha solved after that. */
  correct: boolean
}

/** What is held of one row while sweeps pass over it. */
interface Row {
  /** uint32, [width]: the frame's pixels, nearest neighbors; only those of `fill` are set. */
  pixels: Uint32Array
  /** float32, [width, 6], as in `RowStream`. */
  colors: Float32Array
  solve: Spans
}

/**
 * One level of the pyramid as a stream: a row of it is computed when the next finer level asks for it.
 *
 * A Gauss–Seidel sweep in row order reads one row up (already swept) and one row down (not yet). So sweep i may run on
 * row y as soon as sweep i − 1 has left row y + 1: all sweeps go down the image together, one row apart, and only
 * `iterations + 2` rows are held. The result is that of whole-frame sweeps, to the bit.
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
    // Asked for even where nothing is to be filled: were the coarser level to wait, the rows of the frame that it has yet
    // to read could be overwritten meanwhile.
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

  /** Loads the next row and lets every sweep go one row further down. */
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
