import { type Frame, isFractional } from './frame.ts'

/** Which pixels of one level stand for fractional alpha: uint8 0 | 1, [height, width]. */
export interface Seeds {
  data: Uint8Array
  width: number
  height: number
}

/** Columns of one row, as pairs of first and one past the last: int32, [count × 2]. */
export interface Spans {
  edges: Int32Array
  count: number
}

/** Marks the pixels of fractional alpha. `undefined` where there are none. */
export function findSeeds({ pixels, width, height }: Frame): Seeds | undefined {
  const data = new Uint8Array(width * height)
  let found = false
  for (let i = 0; i < data.length; i++) {
    if (isFractional(pixels[i])) {
      data[i] = 1
      found = true
    }
  }
  return found ? { data, width, height } : undefined
}

/**
 * The seeds of a coarser level: those that the finer level's seeds take their first guess from. So a hair that the
 * coarser level's nearest-neighbour image has lost is still worked on there, and a band of some radius around the finer
 * seeds never looks outside the band of the same radius around the coarser ones.
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

/** Nearest neighbours as the method defines them, `⌊x · samples / size⌋`: int32, [size]. */
export function mapNearest(size: number, samples: number): Int32Array {
  return Int32Array.from({ length: size }, (_, x) => Math.floor((x * samples) / size))
}

/**
 * Walks down the rows of a band: the pixels whose column and row are both within `radius` of a seed's.
 *
 * @returns A function that gives the spans of row y. It must be asked for the rows in order, 0 to height − 1; the spans
 *   are the caller's to keep.
 */
export function createBand({ data, width, height }: Seeds, radius: number): (y: number) => Spans {
  // Row in which a seed was last seen near each column; long before the first row at first.
  const lastRow = new Int32Array(width).fill(-radius - 1)
  let newest = -radius - 1
  let painted = 0
  let next = data.indexOf(1)

  function paintRow(row: number): void {
    const start = row * width
    const end = start + width
    while (next >= 0 && next < end) {
      const gap = data.indexOf(0, next)
      const stop = gap < 0 || gap > end ? end : gap
      const to = Math.min(width, stop - start + radius)
      for (let x = Math.max(0, next - start - radius); x < to; x++) lastRow[x] = row
      newest = row
      next = data.indexOf(1, stop)
    }
  }

  return y => {
    for (; painted <= y + radius && painted < height; painted++) paintRow(painted)
    const oldest = y - radius
    return newest < oldest ? { edges: new Int32Array(0), count: 0 } : collectSpans(lastRow, oldest)
  }
}

/** The spans of columns seen in row `oldest` or later. */
function collectSpans(lastRow: Int32Array, oldest: number): Spans {
  const edges: number[] = []
  const width = lastRow.length
  for (let x = 0; x < width; x++) {
    if (lastRow[x] < oldest) continue
    edges.push(x)
    while (x < width && lastRow[x] >= oldest) x++
    edges.push(x)
  }
  return { edges: Int32Array.from(edges), count: edges.length / 2 }
}

/** The whole of every row, for a band without bounds. */
export function createWholeBand(width: number): (y: number) => Spans {
  const whole = { edges: Int32Array.of(0, width), count: 1 }
  return () => whole
}
