import type { Matte } from '../shared/types.ts'

/**
 * Averages a matte down to the target size: each target sample is the mean of the area that it covers. Sides that are
 * small enough are kept; a matte that fits is returned unchanged.
 *
 * Bilinear taps alone would skip samples, and the edges of a thumbnail would be jagged.
 *
 * @returns uint8, at most [height, width].
 */
export function shrinkMatte(matte: Matte, width: number, height: number): Matte {
  const narrow = matte.width > width ? shrinkColumns(matte, width) : matte
  return narrow.height > height ? shrinkRows(narrow, height) : narrow
}

function shrinkColumns({ data, width, height }: Matte, size: number): Matte {
  const shrunk = new Uint8Array(size * height)
  for (let x = 0; x < size; x++) {
    const shares = measureShares(x, size, width)
    for (let y = 0; y < height; y++) {
      let alpha = 0
      for (let i = 0; i < shares.length; i++) alpha += data[y * width + shares.first + i] * shares.weights[i]
      shrunk[y * size + x] = alpha + 0.5
    }
  }
  return { data: shrunk, width: size, height }
}

function shrinkRows({ data, width, height }: Matte, size: number): Matte {
  const shrunk = new Uint8Array(width * size)
  for (let y = 0; y < size; y++) {
    const shares = measureShares(y, size, height)
    for (let x = 0; x < width; x++) {
      let alpha = 0
      for (let i = 0; i < shares.length; i++)
        alpha += data[(shares.first + i) * width + x] * shares.weights[i]
      shrunk[y * width + x] = alpha + 0.5
    }
  }
  return { data: shrunk, width, height: size }
}

/** The source samples that a target sample covers. */
export interface Shares {
  first: number
  length: number
  /** float64, [length]: the share of each source sample; the sum is 1. */
  weights: Float64Array
}

/** Returns the source samples that target sample `index` covers; `size` is at most `samples`. */
export function measureShares(index: number, size: number, samples: number): Shares {
  const start = (index * samples) / size
  const end = ((index + 1) * samples) / size
  const first = Math.floor(start)
  const length = Math.min(Math.ceil(end), samples) - first
  const weights = Float64Array.from({ length }, (_, i) => {
    return ((Math.min(end, first + i + 1) - Math.max(start, first + i)) * size) / samples
  })
  return { first, length, weights }
}
