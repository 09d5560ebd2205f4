/** Numbers in an array with any number of axes. Neighbors along the last axis are neighbors in memory. */
export interface Cells {
  dims: readonly number[]
  /** Whole numbers, one for each place of the array. */
  numbers: Float64Array
}

/** A part of an axis. */
export interface AxisRange {
  axis: number
  start: number
  /** Number of places. */
  count: number
  /** Distance between two places; negative: backwards. */
  step: number
}

/** Changes the order of axes. @param perm for each new axis, the old one */
export function transposeCells({ dims, numbers }: Cells, perm: readonly number[]): Float64Array {
  const strides = stridesOf(dims)
  return readStrided(
    numbers,
    perm.map(axis => dims[axis]),
    perm.map(axis => strides[axis]),
    0,
  )
}

/** Takes a part of one axis. */
export function sliceCells({ dims, numbers }: Cells, { axis, start, count, step }: AxisRange): Float64Array {
  const strides = stridesOf(dims)
  const from = start * strides[axis]
  return readStrided(numbers, dims.with(axis, count), strides.with(axis, step * strides[axis]), from)
}

/** Joins arrays that differ only in the size of one axis. */
export function concatCells(parts: readonly Cells[], axis: number): Float64Array {
  const blocks = parts.map(({ dims }) => countPlaces(dims.slice(axis)))
  const count = countPlaces(parts[0].dims.slice(0, axis))
  const result = new Float64Array(parts.reduce((total, { numbers }) => total + numbers.length, 0))
  let position = 0
  for (let index = 0; index < count; index++) {
    for (const [part, { numbers }] of parts.entries()) {
      result.set(numbers.subarray(index * blocks[part], (index + 1) * blocks[part]), position)
      position += blocks[part]
    }
  }
  return result
}

/** Returns the number of places of an array. */
export function countPlaces(dims: readonly number[]): number {
  return dims.reduce((product, size) => product * size, 1)
}

function stridesOf(dims: readonly number[]): number[] {
  return dims.map((_, axis) => countPlaces(dims.slice(axis + 1)))
}

/** Reads an array whose places have other distances in memory. */
function readStrided(
  numbers: Float64Array,
  dims: readonly number[],
  strides: readonly number[],
  start: number,
): Float64Array {
  const result = new Float64Array(countPlaces(dims))
  const at = dims.map(() => 0)
  let from = start
  for (let to = 0; to < result.length; to++) {
    result[to] = numbers[from]
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      from += strides[axis]
      if (++at[axis] < dims[axis]) break
      from -= strides[axis] * dims[axis]
      at[axis] = 0
    }
  }
  return result
}
