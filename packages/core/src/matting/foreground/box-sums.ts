import type { Spans } from './band.ts'

/** Rows of integers with interleaved channels, computed one after another. */
export interface IntegerRows {
  /** px */
  width: number
  /** px */
  height: number
  channels: number
  /** Writes row y into `row`: int32, [width, channels]. Called once for each row, in order. */
  writeRow(y: number, row: Int32Array): void
}

/** Sums over a window around each pixel of one row. */
export interface BoxSums {
  /**
   * Returns int32, [width, channels], valid until the next call. Call it once for each row, in order from row 0. Only the
   * columns of `spans` are set.
   */
  readRow(y: number, spans: Spans): Int32Array
}

/**
 * Sums over windows as OpenCV's `blur` does for an even `size`: columns x − size/2 … x + size/2 − 1, rows likewise, with
 * the image mirrored at its borders without repeating the border (reflect 101). The sum of each channel over a window
 * must stay below 2^31.
 *
 * Holds `size + 2` rows of the source.
 */
export function createBoxSums(source: IntegerRows, size: number): BoxSums {
  const { width, height, channels } = source
  const half = size / 2
  const heldRows = Math.min(height, size + 2)
  const held = Array.from({ length: heldRows }, () => new Int32Array(width * channels))
  const columns = new Int32Array(width * channels)
  const sums = new Int32Array(width * channels)
  const offsets = Int32Array.from({ length: width + size }, (_, x) => reflect(x - half, width) * channels)
  let loaded = 0

  function rowAt(y: number): Int32Array {
    const row = reflect(y, height)
    for (; loaded <= row; loaded++) source.writeRow(loaded, held[loaded % heldRows])
    return held[row % heldRows]
  }

  function moveTo(y: number): void {
    if (y === 0) for (let row = -half; row < half; row++) addRow(columns, rowAt(row))
    else exchangeRow(columns, rowAt(y + half - 1), rowAt(y - half - 1))
  }

  return {
    readRow(y, { edges, count }) {
      moveTo(y)
      if (count === 0) return sums
      for (let channel = 0; channel < channels; channel++) {
        slideWindow(columns, sums, offsets, size, edges[0], edges[2 * count - 1], channels, channel)
      }
      return sums
    },
  }
}

/** Mirrors an index into [0, length), repeatedly if needed. */
function reflect(index: number, length: number): number {
  if (length === 1) return 0
  const period = 2 * (length - 1)
  const within = ((index % period) + period) % period
  return within < length ? within : period - within
}

function addRow(columns: Int32Array, row: Int32Array): void {
  const length = columns.length
  for (let i = 0; i < length; i++) columns[i] += row[i]
}

function exchangeRow(columns: Int32Array, entering: Int32Array, leaving: Int32Array): void {
  const length = columns.length
  for (let i = 0; i < length; i++) columns[i] += entering[i] - leaving[i]
}

/** Slides the window over the column sums of one channel, from column `from` to before column `to`. */
function slideWindow(
  columns: Int32Array,
  sums: Int32Array,
  offsets: Int32Array,
  size: number,
  from: number,
  to: number,
  channels: number,
  channel: number,
): void {
  let sum = 0
  for (let i = from; i < from + size; i++) sum += columns[offsets[i] + channel]
  for (let x = from; x < to; x++) {
    sums[x * channels + channel] = sum
    sum += columns[offsets[x + size] + channel] - columns[offsets[x] + channel]
  }
}
