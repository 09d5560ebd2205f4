import { type Known, type Layout, type LayoutRule, makeLayout, numbersOf } from './layout.ts'
import type { GraphNode } from './read-node.ts'

/** Layers of a network whose result has another shape than their inputs, or the shape of the first one, by operator. */
export const layerRules: Record<string, LayoutRule> = {
  BatchNormalization: inferSame,
  Conv: inferConv,
  DeformConv: inferConv,
  Erf: inferSame,
  GlobalAveragePool: inferPool,
  LayerNormalization: inferSame,
  MatMul: inferProduct,
  Not: inferSame,
  Relu: inferSame,
  Resize: inferResize,
  ScatterND: inferSame,
  Sigmoid: inferSame,
  Softmax: inferSame,
  Split: inferPart,
}

function inferSame(_: GraphNode, [data]: Known): Layout | undefined {
  return data && makeLayout(data.dims, 1)
}

function inferConv({ attributes }: GraphNode, [data, weights]: Known): Layout | undefined {
  if (!data || !weights || (attributes.get('auto_pad')?.text ?? 'NOTSET') !== 'NOTSET') return undefined
  const [batch, , ...sides] = data.dims
  const [channels, , ...kernel] = weights.dims
  const read = (name: string, at: number, neutral: number) => attributes.get(name)?.numbers[at] ?? neutral
  const results = sides.map((side, axis) => {
    const pads = read('pads', axis, 0) + read('pads', axis + sides.length, 0)
    const reach = read('dilations', axis, 1) * (kernel[axis] - 1) + 1
    return Math.floor((side + pads - reach) / read('strides', axis, 1)) + 1
  })
  return makeLayout([batch, channels, ...results], 1)
}

function inferPool(_: GraphNode, [data]: Known): Layout | undefined {
  return data && makeLayout([...data.dims.slice(0, 2), ...data.dims.slice(2).map(() => 1)], 1)
}

/** Multiplies by a matrix, or matrices by as many matrices. */
function inferProduct(_: GraphNode, [data, other]: Known): Layout | undefined {
  const rank = data?.dims.length ?? 0
  if (!data || !other || rank < 2 || data.dims.at(-1) !== other.dims.at(-2)) return undefined
  const batch = other.dims.slice(0, -2)
  if (batch.length > 0 && `${batch}` !== `${data.dims.slice(0, -2)}`) return undefined
  return makeLayout(data.dims.with(-1, other.dims.at(-1)!), 1)
}

/** Divides an axis into parts of given sizes. */
function inferPart({ attributes }: GraphNode, [data, sizes]: Known, output: number): Layout | undefined {
  const axis = attributes.get('axis')?.numbers[0] ?? 0
  const size = numbersOf(sizes)?.[output]
  if (size === undefined || data?.dims.at(axis) === undefined) return undefined
  return makeLayout(data.dims.with(axis, size), 1)
}

/** Resizes to given sizes. */
function inferResize({ attributes }: GraphNode, [, , , sizes]: Known): Layout | undefined {
  const dims = numbersOf(sizes)
  const isPlain = (attributes.get('keep_aspect_ratio_policy')?.text ?? 'stretch') === 'stretch'
  return dims && isPlain && !attributes.has('axes') ? makeLayout(dims, 1) : undefined
}
