import { type Frame, isFractional } from './frame.ts'

/** Marks the pixels of one level that represent fractional alpha: uint8 0 | 1, [height, width]. */
export interface Seeds {
  data: Uint8Array
  width: number
  height: number
}

/** Ranges of columns of one row, as pairs of the first column and the one after the last. */
export interface Spans {
  /** int32, [at least count × 2]. */
  edges: Int32Array
  count: number
}

/** Creates empty spans with room for the maximum number in a row of this width. */
export function createSpans(width: number): Spans {
  return { edges: new Int32Array(width + 1), count: 0 }
}

/** Marks the pixels with fractional alpha. `undefined` if there are none. */
export function findSeeds({ pixels, width, height }: Frame): Seeds | undefined {
  const data = new Uint8Array(width * height)
  let found = false
  const length = data.length
  for (let i = 0; i < length; i++) {
    if (isFractional(pixels[i])) {
      data[i] = 1
      found = true
    }
  }
  return found ? { data, width, height } : undefined
}

/**
 * Returns the seeds of a coarser level: the pixels from which the finer level's seeds take their first guess. So a hair
 * that is lost in the coarser level's nearest-neighbor image is still solved there, and a band around the finer seeds
 * reads only pixels within the band of the same radius around the coarser seeds.
 */
export function shrinkSeeds(seeds: Seeds, width: number, height: number): Seeds {
  const data = new Uint8Array(width * height)
  const columns = mapNearest(seeds.width, width)
  let next = seeds.data.indexOf(1)
  while (next >= 0) {
    const y = Math.floor(next / seeds.width)
    const row = Math.floor((y * height) / seeds.height) * width
    const start = y * seeds.width
    const end = start + seeds.width
    for (let i = next; i < end; i++) if (seeds.data[i]) data[row + columns[i - start]] = 1
    next = seeds.data.indexOf(1, end)
  }
  return { data, width, height }
}

/** Nearest neighbors as the method defines them, `⌊x · samples / size⌋`. Returns int32, [size]. */
export function mapNearest(size: number, samples: number): Int32Array {
  return Int32Array.from({ length: size }, (_, x) => Math.floor((x * samples) / size))
}

/** Columns are first checked in blocks of 32. */
const BLOCK_BITS = 5

/**
 * Iterates over the rows of a band: the pixels whose column and row are both within `radius` of a seed's.
 *
 * @returns A function that returns the spans of row y. Call it for the rows in order, 0 to height − 1; the spans are valid
 *   until the next call.
 */
export function createBand({ data, width, height }: Seeds, radius: number): (y: number) => Spans {
  // The last row with a seed near a column, and near a block of columns. Initially none.
  const lastRow = new Int32Array(width).fill(-radius - 1)
  const lastRowOfBlock = new Int32Array((width >> BLOCK_BITS) + 1).fill(-radius - 1)
  const spans = createSpans(width)
  let painted = 0
  let next = data.indexOf(1)

  function paintRow(row: number): void {
    const start = row * width
    const end = start + width
    while (next >= 0 && next < end) {
      const gap = data.indexOf(0, next)
      const stop = gap < 0 || gap > end ? end : gap
      const first = Math.max(0, next - start - radius)
      const last = Math.min(width, stop - start + radius) - 1
      for (let x = first; x <= last; x++) lastRow[x] = row
      for (let block = first >> BLOCK_BITS; block <= last >> BLOCK_BITS; block++) lastRowOfBlock[block] = row
      next = data.indexOf(1, stop)
    }
  }

  return y => {
    for (; painted <= y + radius && painted < height; painted++) paintRow(painted)
    collectSpans(lastRow, lastRowOfBlock, y - radius, spans)
    return spans
  }
}

/** Writes the spans of the columns that have a seed nearby in row `oldest` or later. */
function collectSpans(lastRow: Int32Array, lastRowOfBlock: Int32Array, oldest: number, spans: Spans): void {
  const { edges } = spans
  const width = lastRow.length
  let length = 0
  let inside = false
  for (let block = 0; block < lastRowOfBlock.length; block++) {
    // In a block of old columns a span can only end, at the first column.
    const first = block << BLOCK_BITS
    const end = lastRowOfBlock[block] < oldest ? first + 1 : first + (1 << BLOCK_BITS)
    for (let x = first; x < end && x < width; x++) {
      if (lastRow[x] >= oldest === inside) continue
      inside = !inside
      edges[length++] = x
    }
  }
  if (inside) edges[length++] = width
  spans.count = length / 2
}

/** Returns one span over the whole row for each row: a band without bounds. */
export function createWholeBand(width: number): (y: number) => Spans {
  const whole = { edges: Int32Array.of(0, width), count: 1 }
  return () => whole
}
