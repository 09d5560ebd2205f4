import type { GraphNode } from './read-node.ts'

/** An input or the result of a node: its shape, and where the windows are in it. */
export interface WindowValue {
  dims: readonly number[]
  /** The axis that has a place for each window; undefined: the value does not depend on the windows. */
  axis?: number
}

/** Where the windows are in the result of a node. */
interface WindowResult {
  axis: number
  /** By index of the input: the axis along which an input that does not depend on the windows has a place for each. */
  sliced?: Map<number, number>
}

/** @returns undefined if the node does not compute each window for itself */
type WindowRule = (
  node: GraphNode,
  inputs: readonly WindowValue[],
  result: readonly number[],
) => WindowResult | undefined

/** Operators that can compute each window for itself. The windows are more than one. */
export const windowRules: Record<string, WindowRule> = {
  Add: combine,
  Div: combine,
  Mul: combine,
  Sub: combine,
  MatMul: multiply,
  Reshape: reshape,
  Softmax: normalize,
  Transpose: transpose,
}

/** The windows must be at the same axis of both inputs, counted from the last axis. */
function combine(_: GraphNode, inputs: readonly WindowValue[], result: readonly number[]) {
  const places = inputs.map(({ dims, axis }) => (axis === undefined ? undefined : dims.length - axis))
  const place = places[0] ?? places[1]!
  if (places.some(other => other !== undefined && other !== place)) return undefined
  const count = result[result.length - place]
  const sliced = new Map<number, number>()
  for (const [index, { dims, axis }] of inputs.entries()) {
    const size = dims[dims.length - place] ?? 1
    if (axis === undefined && size === count) sliced.set(index, dims.length - place)
  }
  return { axis: result.length - place, sliced }
}

/** Multiplies rows of windows by one matrix, or matrices of windows by matrices of the same windows. */
function multiply(_: GraphNode, [one, other]: readonly WindowValue[]) {
  const { axis } = one
  const rank = one.dims.length
  if (axis === undefined) return undefined
  if (other.axis === undefined) return other.dims.length === 2 && axis < rank - 1 ? { axis } : undefined
  return other.axis === axis && other.dims.length === rank && axis < rank - 2 ? { axis } : undefined
}

/** The windows must stay one axis, with as many elements before it. */
function reshape(
  _: GraphNode,
  [{ dims, axis = 0 }, target]: readonly WindowValue[],
  result: readonly number[],
) {
  if (target.axis !== undefined) return undefined
  const before = count(dims.slice(0, axis))
  const place = result.findIndex(
    (size, index) => size === dims[axis] && count(result.slice(0, index)) === before,
  )
  return place < 0 ? undefined : { axis: place }
}

function normalize({ attributes }: GraphNode, [{ dims, axis }]: readonly WindowValue[]) {
  const given = attributes.get('axis')?.numbers[0] ?? -1
  return axis === undefined || axis === given || axis === given + dims.length ? undefined : { axis }
}

function transpose({ attributes }: GraphNode, [{ dims, axis = 0 }]: readonly WindowValue[]) {
  const perm = attributes.get('perm')?.numbers ?? [...dims.keys()].toReversed()
  const place = perm.indexOf(axis)
  return place < 0 ? undefined : { axis: place }
}

function count(dims: readonly number[]): number {
  return dims.reduce((total, size) => total * size, 1)
}
