import { type Geometry, matchGeometry, matchModulator } from './geometry.ts'
import { matchCorners } from './match-corners.ts'
import type { SampleSize } from './match-gather.ts'
import { expectAttributes, isOp, Pattern } from './pattern.ts'
import type { OnnxGraph } from './read-model.ts'
import { describeNode, type GraphNode } from './read-node.ts'
import { elementTypes, type Tensor } from './read-tensor.ts'
import { refuse } from './refusal.ts'
import type { Values } from './values.ts'

/** A decomposed deformable convolution. */
export interface DeformConv {
  /** The last node of the pattern, which the native node replaces. */
  conv: GraphNode
  /** Inputs of the native node: picture, weights, offsets, bias, modulator; '' for absent ones. */
  inputs: string[]
  geometry: Geometry
  /** float32 [output channels, input channels, height, width] */
  weights: Tensor
  /** Positions of the kernel's points before the offsets are added. `checkGrid` checks its numbers. */
  grid: { tensor: Tensor; reader: GraphNode; start: [y: number, x: number]; size: SampleSize }
}

/**
 * Matches the pattern that ends in a convolution:
 *
 * ```
 * x ─┬► Pad ► Reshape ──► four corners, each times its weight, added (see `matchCorners`)
 *    │                          ▲                  │
 *    ├► Conv ► Reshape ► + grid ┘                  ▼
 *    │  (offsets)                                 Mul ► Reshape ► Transpose ► Reshape ► Conv (stride = kernel)
 *    │                                             ▲    [.., kh, kw, h, w]     [.., h·kh, w·kw]
 *    └► Conv ► Sigmoid ► · 2 ► Reshape ────────────┘
 *       (modulator; some have none)
 * ```
 *
 * The picture is padded with at least one pixel of zeros, and indices are clipped to the padded picture. So samples from
 * outside are zero, as in DeformConv. Offsets are pairs (y, x) in both.
 *
 * Sizes come from the constants of the Reshapes. If the file does not give the picture's shape, a picture that was
 * transposed before cannot be recognized. No exporter writes that.
 *
 * @throws {Refusal} if anything differs
 * @see https://github.com/masamitsu-murase/deform_conv2d_onnx_exporter the exporter of this pattern
 * @see https://onnx.ai/onnx/operators/onnx__DeformConv.html the native operator
 */
export function matchDeformConv(graph: OnnxGraph, values: Values, conv: GraphNode): DeformConv {
  const pattern = new Pattern(values)
  const { size, kernel, sum, modulator } = matchColumns(pattern, conv)
  const { padded, position } = matchCorners(pattern, sum, size)
  const picture = matchPicture(graph, pattern, padded, size)
  const add = pattern.writer(position, sum, 'Add')
  const offsets = pattern.source(add, 1, 'Reshape')
  pattern.expectNumbers(offsets, 1, [size.batch, 1, size.points, 2, size.height, size.width])
  const geometry = matchGeometry(pattern, offsets, kernel, picture, size)
  if (modulator) matchModulator(pattern, modulator, geometry, picture.name, size)
  const [top, left] = geometry.pads
  const start: [number, number] = [picture.margin - top, picture.sideMargin - left]
  const [, weights, bias = ''] = conv.inputs
  return {
    conv,
    inputs: [picture.name, weights, offsets.inputs[0], bias, modulator?.inputs[0] ?? ''],
    geometry,
    weights: pattern.constant(conv, 1),
    grid: { tensor: pattern.constant(add, 0), reader: add, start, size },
  }
}

/** Matches from the Reshape of the padded picture to the picture itself. */
function matchPicture(graph: OnnxGraph, pattern: Pattern, padded: GraphNode, size: SampleSize) {
  const { batch, channels } = size
  const [, , , paddedHeight, paddedWidth] = pattern.numbers(padded, 1)
  pattern.expectNumbers(padded, 1, [batch, 1, channels, paddedHeight, paddedWidth])
  const pad = pattern.source(padded, 0, 'Pad')
  const [, , margin, sideMargin] = pattern.numbers(pad, 1)
  pattern.expectNumbers(pad, 1, [0, 0, margin, sideMargin, 0, 0, margin, sideMargin])
  const [height, width] = [paddedHeight - 2 * margin, paddedWidth - 2 * sideMargin]
  if (!(margin > 0 && sideMargin > 0 && height > 0 && width > 0)) {
    refuse(`${describeNode(pad)} adds no margin to the picture`)
  }
  const name = pattern.name(pad, 0)
  expectShape(graph, name, [batch, channels, height, width], pad)
  return { name, height, width, margin, sideMargin }
}

/** Matches from the convolution up to the sum of the corners. */
function matchColumns(pattern: Pattern, conv: GraphNode) {
  const weights = pattern.constant(conv, 1)
  const [, channels, kernelHeight, kernelWidth] = weights.dims
  if (weights.dims.length !== 4 || weights.type !== elementTypes.float32) {
    refuse(`${describeNode(conv)} has weights of the shape [${weights.dims}], type ${weights.type}`)
  }
  const kernel: [number, number] = [kernelHeight, kernelWidth]
  const neutral = { group: [1], pads: [0, 0, 0, 0], dilations: [1, 1], auto_pad: 'NOTSET' }
  expectAttributes(conv, { kernel_shape: kernel, strides: kernel }, neutral)
  const columns = pattern.source(conv, 0, 'Reshape')
  const turned = pattern.source(columns, 0, 'Transpose', { perm: [0, 1, 4, 2, 5, 3] })
  const spread = pattern.source(turned, 0, 'Reshape')
  const [batch, , , , height, width] = pattern.numbers(spread, 1)
  pattern.expectNumbers(spread, 1, [batch, channels, ...kernel, height, width])
  pattern.expectNumbers(columns, 1, [batch, channels, height * kernelHeight, width * kernelWidth])
  if (![batch, channels, ...kernel, height, width].every(side => side > 0 && side < 2 ** 16)) {
    refuse(`${describeNode(spread)} has the shape [${pattern.numbers(spread, 1)}]`)
  }
  const size: SampleSize = { batch, channels, points: kernelHeight * kernelWidth, height, width }
  const product = isOp(pattern.values.writer(spread.inputs[0]), 'Mul')
    ? pattern.source(spread, 0, 'Mul')
    : undefined
  const modulator = product && pattern.source(product, 1, 'Reshape')
  if (modulator) pattern.expectNumbers(modulator, 1, [batch, 1, 1, size.points, height, width])
  return { size, kernel, modulator, sum: pattern.source(product ?? spread, 0, 'Sum') }
}

/** @throws {Refusal} if the file has another shape for the value */
function expectShape(graph: OnnxGraph, name: string, expected: number[], reader: GraphNode): void {
  const shape = graph.shapes.get(name)
  if (
    !shape ||
    (shape.length === 4 && shape.every((size, index) => Number.isNaN(size) || size === expected[index]))
  )
    return
  refuse(`${describeNode(reader)} reads ${name} of the shape [${shape}]; expected [${expected}]`)
}
