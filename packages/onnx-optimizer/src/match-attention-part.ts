import type { Layout } from './layout.ts'
import { isOp } from './pattern.ts'
import type { ConvReader } from './read-conv.ts'
import type { GraphNode } from './read-node.ts'
import type { Tensor } from './read-tensor.ts'
import { readInt64s } from './values.ts'

/** One of the three values that attention computes from its input with one matrix. */
export interface AttentionPart {
  /** The value [batch, positions, channels] that is multiplied. */
  input: string
  /** float32 [channels, 3 · channels] */
  weights: Tensor
  /** float32 [3 · channels] */
  bias: Tensor
  /** 0, 1 or 2: query, key or value. */
  index: number
  heads: number
}

/** Number of values: query, key and value. */
const partCount = 3

/**
 * Matches one of the three values of multi-head attention as PyTorch exports Swin's:
 *
 * ```
 * x ─► MatMul ─► Add ─► Reshape [batch, positions, 3, heads, …] ─► Transpose ─► Gather 0, 1 or 2
 * ```
 *
 * The batch and the positions of the shape are those of `x`, which has three dimensions.
 *
 * @param gather the Gather
 * @param find returns what is known of a value
 * @returns undefined if anything differs
 */
export function matchAttentionPart(
  reader: ConvReader,
  gather: GraphNode,
  find: (name: string) => Layout | undefined,
): AttentionPart | undefined {
  const { values } = reader
  if (!isOp(gather, 'Gather') || (numberOf(gather, 'axis') ?? 0) !== 0) return undefined
  const index = readScalar(reader, gather.inputs[1])
  const transpose = values.writer(gather.inputs[0])
  if (index === undefined || index < 0 || index >= partCount) return undefined
  if (!isOp(transpose, 'Transpose') || transpose.outputs[0] !== gather.inputs[0]) return undefined
  if (`${transpose.attributes.get('perm')?.numbers}` !== '2,0,3,1,4') return undefined
  const reshape = values.writer(transpose.inputs[0])
  const add = isOp(reshape, 'Reshape') ? values.writer(reshape.inputs[0]) : undefined
  if (!isOp(reshape, 'Reshape') || numberOf(reshape, 'allowzero') || !isOp(add, 'Add')) return undefined
  const side = add.inputs.findIndex(name => isOp(values.writer(name), 'MatMul'))
  const product = values.writer(add.inputs[side] ?? '')
  if (!isOp(product, 'MatMul')) return undefined
  const weights = readFloats(reader, product.inputs[1])
  const bias = readFloats(reader, add.inputs[1 - side])
  const [channels, all] = weights?.dims ?? []
  if (weights?.dims.length !== 2 || all !== partCount * channels || `${bias?.dims}` !== `${all}`)
    return undefined
  const chain = [product, add, reshape]
  const next = [add, reshape, transpose]
  if (!chain.every((node, at) => reader.isReadOnlyBy(node.outputs[0], next[at]))) return undefined
  const input = values.original(product.inputs[0])
  if (find(input)?.dims.length !== 3 && !isReshapedTo(reader, input, 3)) return undefined
  const heads = readHeads(reader, reshape.inputs[1], input, channels)
  return heads === undefined ? undefined : { input, weights, bias: bias!, index, heads }
}

/** Returns the number of heads if a shape is [batch of `input`, positions of `input`, 3, heads, channels / heads]. */
function readHeads(reader: ConvReader, shape: string, input: string, channels: number): number | undefined {
  const { values } = reader
  const concat = values.writer(shape)
  if (!isOp(concat, 'Concat') || concat.inputs.length !== 5 || numberOf(concat, 'axis') !== 0)
    return undefined
  const isKept = [0, 1].every(axis => isSize(reader, concat.inputs[axis], input, axis))
  const [count, heads] = [2, 3].map(at => readList(reader, concat.inputs[at]))
  const isWhole = count?.length === 1 && count[0] === partCount && heads?.length === 1 && heads[0] > 0
  return isKept && isWhole && channels % heads[0] === 0 ? heads[0] : undefined
}

/** Whether a value has this number of dimensions, because a Reshape wrote it. The sizes may be unknown. */
function isReshapedTo(reader: ConvReader, name: string, rank: number): boolean {
  const node = reader.values.writer(name)
  return isOp(node, 'Reshape') && readList(reader, node.inputs[1])?.length === rank
}

/** Whether a list of one number is the size of a value along an axis. */
function isSize(reader: ConvReader, name: string, input: string, axis: number): boolean {
  const { values } = reader
  const list = values.writer(name)
  if (!isOp(list, 'Unsqueeze') || readList(reader, list.inputs[1])?.join() !== '0') return false
  const gather = values.writer(list.inputs[0])
  if (!isOp(gather, 'Gather') || (numberOf(gather, 'axis') ?? 0) !== 0) return false
  const sizes = values.writer(gather.inputs[0])
  const isOfInput =
    isOp(sizes, 'Shape') && sizes.attributes.size === 0 && values.original(sizes.inputs[0]) === input
  return isOfInput && readScalar(reader, gather.inputs[1]) === axis
}

function readList(reader: ConvReader, name: string): number[] | undefined {
  const tensor = reader.values.constant(name)
  return tensor?.dims.length === 1 ? readInt64s(tensor) : undefined
}

function readScalar(reader: ConvReader, name: string): number | undefined {
  const tensor = reader.values.constant(name)
  return tensor?.dims.length === 0 ? readInt64s(tensor)?.[0] : undefined
}

function readFloats(reader: ConvReader, name: string): Tensor | undefined {
  return reader.isFloat(name) ? reader.values.constant(name) : undefined
}

function numberOf(node: GraphNode, attribute: string): number | undefined {
  return node.attributes.get(attribute)?.numbers[0]
}
