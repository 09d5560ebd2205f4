import { isOp } from './pattern.ts'
import { type ConvLayer, type ConvReader, channelBlock } from './read-conv.ts'
import type { GraphNode } from './read-node.ts'

/** Two convolutions, one after the other, with many channels between them. */
export interface WideMiddle {
  first: GraphNode
  outer: ConvLayer
  inner: ConvLayer
}

/**
 * Matches two convolutions without an activation between them, with more than twice as many channels in the middle as at
 * both ends together:
 *
 * ```
 * x ─► Conv ─► many channels ─► Conv ─► result
 * ```
 *
 * @param conv the second convolution
 * @returns undefined if anything differs
 */
export function matchWideMiddle(reader: ConvReader, conv: GraphNode): WideMiddle | undefined {
  const first = reader.values.writer(conv.inputs[0])
  const inner = reader.read(conv)
  const outer = reader.read(first)
  if (!inner || !outer || !isOp(first, 'Conv')) return undefined
  if (first.outputs[0] !== conv.inputs[0] || !reader.isReadOnlyBy(first.outputs[0], conv)) return undefined
  const [middle, inputs] = outer.weights.dims
  const [outputs, read] = inner.weights.dims
  const isWide = middle > 2 * (inputs + outputs) && middle >= 2 * channelBlock
  return read === middle && middle % channelBlock === 0 && isWide ? { first, outer, inner } : undefined
}
