import {
  type Known,
  type Layout,
  type LayoutRule,
  makeLayout,
  numbersOf,
  toCells,
  zeroCell,
} from './layout.ts'
import { concatCells, countPlaces, sliceCells, transposeCells } from './move-cells.ts'
import type { GraphNode } from './read-node.ts'

/**
 * Operators that move elements and compute none, as opset 13 defines them. If the last axis of the input is one cell, the
 * result is unknown if the node would divide the cell.
 */
export const moveRules: Record<string, LayoutRule> = {
  Concat: moveConcat,
  Pad: movePad,
  Reshape: moveReshape,
  Slice: moveSlice,
  Transpose: moveTranspose,
  Unsqueeze: moveUnsqueeze,
}

function moveReshape({ attributes }: GraphNode, [data, target]: Known): Layout | undefined {
  const sizes = numbersOf(target)
  if (!sizes || attributes.get('allowzero')?.numbers[0]) return undefined
  const dims = sizes.map((size, axis) => (size === 0 ? (data?.dims[axis] ?? Number.NaN) : size))
  const open = dims.indexOf(-1)
  const count = data ? countPlaces(data.dims) : Number.NaN
  if (open >= 0) dims[open] = count / countPlaces(dims.with(open, 1))
  if (data && countPlaces(dims) !== count) return undefined
  return makeLayout(dims, data?.unit ?? 1, data?.cells && (() => data.cells!))
}

function moveUnsqueeze(_: GraphNode, [data, list]: Known): Layout | undefined {
  const given = numbersOf(list)
  if (!data || !given) return undefined
  const axes = given.map(axis => findAxis(axis, data.dims.length + given.length))
  if (new Set(axes).size !== axes.length || axes.includes(undefined)) return undefined
  const dims = [...data.dims]
  for (const axis of (axes as number[]).toSorted((a, b) => a - b)) dims.splice(axis, 0, 1)
  return makeLayout(dims, data.unit, data.cells && (() => data.cells!))
}

function moveTranspose({ attributes }: GraphNode, [data]: Known): Layout | undefined {
  if (!data) return undefined
  const axes = [...data.dims.keys()]
  const perm = attributes.get('perm')?.numbers ?? axes.toReversed()
  if (`${perm.toSorted((a, b) => a - b)}` !== `${axes}`) return undefined
  if (data.unit > 1 && perm.at(-1) !== axes.at(-1)) return undefined
  const dims = perm.map(axis => data.dims[axis])
  return makeLayout(dims, data.unit, data.cells && (() => transposeCells(toCells(data), perm)))
}

function moveSlice({ inputs }: GraphNode, [data, ...lists]: Known): Layout | undefined {
  const [starts, ends, axes, steps] = lists.map(numbersOf)
  if (!starts || ends?.length !== starts.length) return undefined
  if ((inputs[3] && axes?.length !== starts.length) || (inputs[4] && steps?.length !== starts.length))
    return undefined
  return starts.reduce<Layout | undefined>(
    (layout, start, at) => layout && sliceAxis(layout, axes?.[at] ?? at, start, ends[at], steps?.[at] ?? 1),
    data,
  )
}

function sliceAxis(data: Layout, given: number, from: number, to: number, step: number): Layout | undefined {
  const axis = findAxis(given, data.dims.length)
  // Rows are only taken forwards and without gaps.
  if (axis === undefined || (data.unit > 1 ? step !== 1 : step === 0)) return undefined
  const size = data.dims[axis]
  // ONNX Runtime's kernel and its inference of shapes differ here.
  if (step < 0 && (from < -size || to >= size)) return undefined
  const [least, most] = step > 0 ? [0, size] : [-1, size - 1]
  const [start, end] = [from, to].map(place =>
    Math.min(Math.max(place < 0 ? place + size : place, least), most),
  )
  const range = { axis, start, count: Math.max(0, Math.ceil((end - start) / step)), step }
  const dims = data.dims.with(axis, range.count)
  return makeLayout(dims, data.unit, data.cells && (() => sliceCells(toCells(data), range)))
}

function moveConcat({ attributes }: GraphNode, parts: Known): Layout | undefined {
  const axis = attributes.get('axis')?.numbers[0]
  return axis !== undefined && parts.every(part => part !== undefined) ? join(parts, axis) : undefined
}

function join(parts: readonly Layout[], given: number): Layout | undefined {
  const [first] = parts
  const axis = first && findAxis(given, first.dims.length)
  if (axis === undefined) return undefined
  const isAlike = ({ dims, unit }: Layout) =>
    unit === first.unit &&
    dims.length === first.dims.length &&
    dims.every((size, at) => at === axis || size === first.dims[at])
  if (!parts.every(isAlike)) return undefined
  const dims = first.dims.with(
    axis,
    parts.reduce((total, part) => total + part.dims[axis], 0),
  )
  const isKnown = parts.every(({ cells }) => cells)
  return makeLayout(dims, first.unit, isKnown && (() => concatCells(parts.map(toCells), axis)))
}

/** The caller checks that zeros are added. */
function movePad({ inputs, attributes }: GraphNode, [data, list]: Known): Layout | undefined {
  const pads = numbersOf(list)
  if (!data || pads?.length !== 2 * data.dims.length) return undefined
  if (inputs[3] || (attributes.get('mode')?.text ?? 'constant') !== 'constant') return undefined
  return [...data.dims.keys()].reduce<Layout | undefined>((layout, axis) => {
    const sides = [pads[axis], pads[data.dims.length + axis]]
    if (!layout || sides.every(count => count === 0)) return layout
    const [before, after] = sides.map(count => makeZeros(layout, axis, count))
    return before && after && join([before, layout, after], axis)
  }, data)
}

/** Makes the part that a Pad adds. Only rows have a number for zeros, so the numbers of a list become unknown. */
function makeZeros({ dims, unit }: Layout, axis: number, count: number): Layout | undefined {
  const size = dims.with(axis, count)
  const isRow = unit > 1
  return makeLayout(size, unit, isRow && (() => new Float64Array(countPlaces(size) / unit).fill(zeroCell)))
}

/** Returns the axis, counted from the first one; undefined if there is none. */
function findAxis(given: number, rank: number): number | undefined {
  const axis = given < 0 ? given + rank : given
  return Number.isInteger(axis) && axis >= 0 && axis < rank ? axis : undefined
}
