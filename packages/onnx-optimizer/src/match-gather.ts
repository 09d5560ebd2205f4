import { isOp, type Pattern } from './pattern.ts'
import type { GraphNode } from './read-node.ts'

/** Sizes of the sampled values. */
export interface SampleSize {
  batch: number
  channels: number
  /** Points of the kernel. */
  points: number
  /** Of the output, px. */
  height: number
  width: number
}

/** The inputs of a corner's Gather: three nodes, whose first inputs are the values to compare. */
interface Gather {
  image: GraphNode
  rows: GraphNode
  columns: GraphNode
}

/**
 * Matches the gathering of one corner's values: GatherND by default, GatherElements as an option of the exporter.
 *
 * ```
 * [.., channels, height, width] ► Transpose ► GatherND ► Transpose ► Reshape      ► Reshape (flat) ► GatherElements ► Reshape
 *                                  row, column ► Concat ▲            (to Mul)  or   row · width + column ► Expand ▲  (to Mul)
 * ```
 *
 * @param product the node that reads the values as its second input
 * @throws {Refusal} if a node differs
 */
export function matchGather(pattern: Pattern, product: GraphNode, size: SampleSize): Gather {
  const { batch, channels, points, height, width } = size
  const shaped = pattern.source(product, 1, 'Reshape')
  pattern.expectNumbers(shaped, 1, [batch, 1, channels, points, height, width])
  const isElements = isOp(pattern.values.writer(shaped.inputs[0]), 'GatherElements')
  return isElements ? matchGatherElements(pattern, shaped, size) : matchGatherND(pattern, shaped, size)
}

function matchGatherND(
  pattern: Pattern,
  shaped: GraphNode,
  { batch, channels, points, height, width }: SampleSize,
): Gather {
  const samples = points * height * width
  let turned = pattern.source(shaped, 0, 'Transpose', { perm: [0, 1, 3, 2] })
  // The exporter's workaround for OpenVINO repeats the shape.
  if (isOp(pattern.values.writer(turned.inputs[0]), 'Reshape')) {
    turned = pattern.source(turned, 0, 'Reshape')
    pattern.expectNumbers(turned, 1, [batch, 1, samples, channels])
  }
  const gather = pattern.source(turned, 0, 'GatherND', { batch_dims: [2] })
  const image = pattern.source(gather, 0, 'Transpose', { perm: [0, 1, 3, 4, 2] })
  const index = pattern.source(gather, 1, 'Concat', { axis: [3] })
  const rows = pattern.source(index, 0, 'Reshape')
  const columns = pattern.source(index, 1, 'Reshape')
  for (const part of [rows, columns]) pattern.expectNumbers(part, 1, [batch, 1, samples, 1])
  return { image, rows, columns }
}

function matchGatherElements(
  pattern: Pattern,
  shaped: GraphNode,
  { batch, channels, points, height, width }: SampleSize,
): Gather {
  const samples = points * height * width
  const gather = pattern.source(shaped, 0, 'GatherElements', { axis: [3] })
  const image = pattern.source(gather, 0, 'Reshape')
  const [, , , imageHeight, imageWidth] = pattern.numbers(pattern.source(image, 0, 'Reshape'), 1)
  pattern.expectNumbers(image, 1, [batch, 1, channels, imageHeight * imageWidth])
  const expanded = pattern.source(gather, 1, 'Expand')
  pattern.expectNumbers(expanded, 1, [batch, 1, channels, samples])
  const index = pattern.source(expanded, 0, 'Add')
  const scaled = pattern.source(index, 0, 'Mul')
  pattern.expectNumbers(scaled, 1, [imageWidth])
  const rows = pattern.source(scaled, 0, 'Reshape')
  const columns = pattern.source(index, 1, 'Reshape')
  for (const part of [rows, columns]) pattern.expectNumbers(part, 1, [batch, 1, 1, samples])
  return { image, rows, columns }
}
