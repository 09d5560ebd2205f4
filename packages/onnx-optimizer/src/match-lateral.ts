import { findShapeReaders } from './find-shapes.ts'
import type { KnownGraph } from './known-graph.ts'
import { countPlaces } from './move-cells.ts'
import { isOp } from './pattern.ts'
import { isPlain } from './plain-conv.ts'
import type { ConvReader } from './read-conv.ts'
import type { GraphNode } from './read-node.ts'
import type { Tensor } from './read-tensor.ts'

/** A lateral connection of a feature pyramid, whose input has two resolutions. */
export interface Lateral {
  /** The 1×1 convolution. */
  conv: GraphNode
  /** float32 [outputs, channels of the first input + channels of the second one, 1, 1] */
  weights: Tensor
  /** Values [batch, channels, height, width] that are concatenated. The second one is smaller, and is enlarged first. */
  fine: { name: string; dims: readonly number[] }
  coarse: { name: string; dims: readonly number[] }
  /** The level below, [batch, outputs, height and width of the coarse value]. */
  deep: string
  /** The enlargement of the coarse value. */
  enlarge: GraphNode
  /** The enlargement of the level below, to whose result the convolution is added. */
  below: GraphNode
  /** Other nodes that resize the Concat. */
  others: GraphNode[]
  /** Nodes that read the shape of the Concat. */
  shapes: GraphNode[]
}

/** Modes in which each result depends on its neighbors only. */
const resizeModes = ['align_corners', 'half_pixel', 'pytorch_half_pixel', 'asymmetric']
const resizeAttributes = ['coordinate_transformation_mode', 'mode', 'cubic_coeff_a', 'nearest_mode']

/**
 * Matches a lateral connection:
 *
 * ```
 * fine ──────────────┬► Concat ─┬► Conv (1×1) ─► Add ◄─ Resize ◄─ level below
 * coarse ─► Resize ──┘          └► Resize ─► …
 * ```
 *
 * The nodes are in this order: coarse, Resize of the level below, convolution.
 *
 * @returns undefined if anything differs, or if a size is dynamic
 */
export function matchLateral(graph: KnownGraph, conv: GraphNode): Lateral | undefined {
  const { reader, find, order } = graph
  const weights = reader.read(conv)?.weights
  const concat = reader.values.writer(conv.inputs[0])
  if (!weights || `${weights.dims.slice(2)}` !== '1,1' || !isPlain(conv, [0, 0, 0, 0])) return undefined
  if (!isOp(concat, 'Concat') || concat.attributes.get('axis')?.numbers[0] !== 1) return undefined
  const enlarge = readResize(reader, concat.inputs[1])
  const below = findBelow(reader, conv)
  const readers = findReaders(reader, concat, conv)
  if (!enlarge || !below || !readers || modeOf(enlarge) !== modeOf(below)) return undefined
  const [fine, coarse] = [concat, enlarge].map(({ inputs }) => {
    const name = reader.values.original(inputs[0])
    return { name, dims: find(name)?.dims ?? [] }
  })
  const deep = reader.values.original(below.inputs[0])
  const lateral = { conv, weights, fine, coarse, deep, enlarge, below, ...readers }
  const isBefore = (name: string, node: GraphNode) => {
    const writer = reader.values.writer(name)
    return writer === undefined || order.get(writer)! < order.get(node)!
  }
  const isOrdered = isBefore(coarse.name, below) && isBefore(deep, conv)
  return isOrdered && hasShapes(lateral, name => find(name)?.dims) ? lateral : undefined
}

/** Whether all shapes are known, and each Resize changes height and width only. */
function hasShapes(
  { weights, fine, coarse, deep, below, others }: Lateral,
  find: (name: string) => readonly number[] | undefined,
): boolean {
  const [outputs, channels] = weights.dims
  const [batch, , ...large] = fine.dims
  const [, , ...small] = coarse.dims
  const is = (name: string, ...dims: number[]) => `${find(name)}` === `${dims}`
  return (
    batch > 0 &&
    fine.dims.length === 4 &&
    coarse.dims.length === 4 &&
    fine.dims[1] + coarse.dims[1] === channels &&
    countPlaces(small) < countPlaces(large) &&
    is(deep, batch, outputs, ...small) &&
    is(below.outputs[0], batch, outputs, ...large) &&
    others.every(node => `${find(node.outputs[0])?.slice(0, 2)}` === `${[batch, channels]}`)
  )
}

/** Finds the Resize whose result is added to that of a convolution. */
function findBelow(reader: ConvReader, conv: GraphNode): GraphNode | undefined {
  const [add, ...others] = reader.readersOf(conv.outputs[0])
  if (others.length > 0 || !isOp(add, 'Add') || reader.isOutput(conv.outputs[0])) return undefined
  const below = add.inputs.map(name => readResize(reader, name)).find(Boolean)
  return below && reader.isReadOnlyBy(below.outputs[0], add) ? below : undefined
}

/** Finds what else reads the Concat. @returns undefined if a node reads more than a shape, and does not resize */
function findReaders(
  reader: ConvReader,
  concat: GraphNode,
  conv: GraphNode,
): Pick<Lateral, 'others' | 'shapes'> | undefined {
  const [name] = concat.outputs
  const shapes = findShapeReaders(reader, name)
  const others = reader.readersOf(name).filter(node => node !== conv && !shapes.includes(node))
  const isResized = others.every(isResize)
  return isResized && !reader.isOutput(name) ? { others, shapes } : undefined
}

function readResize(reader: ConvReader, name: string): GraphNode | undefined {
  const node = reader.values.writer(name)
  return node?.outputs[0] === name && isResize(node) ? node : undefined
}

/** Whether a node resizes each channel to given sizes, by a linear function. */
function isResize(node: GraphNode): boolean {
  if (!isOp(node, 'Resize') || node.inputs[1] || node.inputs[2] || !node.inputs[3]) return false
  const isKnown = [...node.attributes.keys()].every(name => resizeAttributes.includes(name))
  return isKnown && node.attributes.get('mode')?.text === 'linear' && resizeModes.includes(modeOf(node))
}

function modeOf({ attributes }: GraphNode): string {
  return attributes.get('coordinate_transformation_mode')?.text ?? 'half_pixel'
}
