import { type Known, type Layout, type LayoutRule, makeLayout, numbersOf } from './layout.ts'
import type { GraphNode } from './read-node.ts'
import { elementTypes } from './read-tensor.ts'
import { readInt64s } from './values.ts'

/** Arithmetic on whole numbers. */
const arithmetic: Record<string, (a: number, b: number) => number> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => Math.trunc(a / b),
  Mod: (a, b) => a - b * Math.floor(a / b),
}

/** Numbers up to this one are divided without rounding. */
const maxNumber = 2 ** 31

/** Nodes that compute shapes and other short lists of whole numbers, by operator. */
export const numberRules: Record<string, LayoutRule> = {
  Shape: inferShape,
  Gather: inferGather,
  ConstantOfShape: inferFilled,
  Cast: inferCast,
  Add: inferArithmetic,
  Sub: inferArithmetic,
  Mul: inferArithmetic,
  Div: inferArithmetic,
  Mod: inferArithmetic,
  Ceil: inferCeil,
  Equal: inferBroadcast,
  Where: inferBroadcast,
}

function inferShape({ attributes }: GraphNode, [data]: Known): Layout | undefined {
  return data && attributes.size === 0
    ? makeLayout([data.dims.length], 1, () => Float64Array.from(data.dims))
    : undefined
}

/** Gathers numbers of a list. Of other values, only the shape is known. */
function inferGather({ attributes }: GraphNode, [data, indices]: Known): Layout | undefined {
  const axis = attributes.get('axis')?.numbers[0] ?? 0
  if (!data || !indices || axis < 0 || axis >= data.dims.length) return undefined
  const [list, places] = [data, indices].map(numbersOf)
  if (!list || !places) return makeLayout(data.dims.toSpliced(axis, 1, ...indices.dims), 1)
  const numbers = places.map(place => list[place < 0 ? place + list.length : place] ?? Number.NaN)
  return makeNumbers(indices.dims, numbers)
}

function inferFilled({ attributes }: GraphNode, [sizes]: Known): Layout | undefined {
  const value = attributes.get('value')?.tensor
  const filler = value && readInt64s(value)?.[0]
  const dims = numbersOf(sizes)
  if (!dims) return undefined
  const isList = dims.length === 1 && filler !== undefined
  return makeLayout(dims, 1, isList && (() => new Float64Array(dims[0]).fill(filler)))
}

function inferCeil(_: GraphNode, [data]: Known): Layout | undefined {
  return data?.float === undefined ? undefined : { dims: data.dims, unit: 1, float: Math.ceil(data.float) }
}

/** Whole numbers stay the same if they become int64, or if a scalar becomes float32. Of other types, only the shape is known. */
function inferCast({ attributes }: GraphNode, [data]: Known): Layout | undefined {
  if (!data) return undefined
  const type = attributes.get('to')?.numbers[0]
  if (type === elementTypes.float32 && data.dims.length === 0)
    return { dims: [], unit: 1, float: data.float ?? roundToFloat(numbersOf(data)?.[0]) }
  if (type !== elementTypes.int64) return makeLayout(data.dims, 1)
  return data.float === undefined ? data : makeNumbers(data.dims, [data.float])
}

function roundToFloat(number: number | undefined): number | undefined {
  return number === undefined ? undefined : Math.fround(number)
}

function inferBroadcast(_: GraphNode, inputs: Known): Layout | undefined {
  if (!inputs.every(input => input !== undefined)) return undefined
  const rank = Math.max(...inputs.map(({ dims }) => dims.length))
  const dims = Array.from({ length: rank }, (_, axis) => {
    const sizes = inputs.map(({ dims }) => dims[axis - rank + dims.length] ?? 1)
    const [size = 1, ...others] = new Set(sizes.filter(size => size !== 1))
    return others.length > 0 ? Number.NaN : size
  })
  return makeLayout(dims, 1)
}

/** Computes with numbers. Of other values, only the shape is known. */
function inferArithmetic(node: GraphNode, inputs: Known): Layout | undefined {
  const { op, attributes } = node
  const shape = inferBroadcast(node, inputs)
  if (attributes.get('fmod')?.numbers[0]) return undefined
  const [x, y] = inputs.map(input => input?.float)
  if (op === 'Div' && x !== undefined && y !== undefined)
    return { dims: [], unit: 1, float: Math.fround(x / y) }
  const [a, b] = inputs.map(numbersOf)
  if (!shape || !a || !b) return shape
  const count = Math.max(a.length, b.length)
  const at = (list: number[], index: number) => list[list.length === 1 ? 0 : index]
  return makeNumbers(
    shape.dims,
    Array.from({ length: count }, (_, index) => arithmetic[op](at(a, index), at(b, index))),
  )
}

/** Makes a list of numbers, or a scalar. */
function makeNumbers(dims: readonly number[], numbers: number[]): Layout | undefined {
  const isExact = numbers.every(number => Number.isInteger(number) && Math.abs(number) <= maxNumber)
  return makeLayout(dims, 1, isExact && (() => Float64Array.from(numbers)))
}
