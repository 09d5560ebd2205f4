import type { ChannelRange } from './encode-channels.ts'
import { isOp } from './pattern.ts'
import { isPlain } from './plain-conv.ts'
import { type ConvLayer, type ConvReader, channelBlock } from './read-conv.ts'
import type { GraphNode } from './read-node.ts'

/** A 1×1 convolution to few channels, whose input is a Concat of many. */
export interface WideConcat extends ConvLayer {
  parts: ConcatPart[]
  /** The part that is one pixel, which a Resize spreads over the picture. */
  pixel?: ConcatPart
}

/** A part of the Concat and its range of channels. */
interface ConcatPart extends ChannelRange {
  name: string
}

/** Operators whose result has the channels of their first input. */
const channelKeeping = ['Relu', 'Sigmoid', 'BatchNormalization', 'Identity']

/** Modes in which a Resize of one pixel gives the pixel's value everywhere. */
const resizeModes = ['align_corners', 'half_pixel', 'pytorch_half_pixel', 'asymmetric']
const resizeAttributes = ['coordinate_transformation_mode', 'mode', 'cubic_coeff_a', 'nearest_mode']

/** Maximum number of nodes between a value and the convolution that writes it. */
const maxSteps = 16

/**
 * Matches a 1×1 convolution of a Concat, such as the end of BiRefNet's atrous pyramids:
 *
 * ```
 * Relu ──────────────────────────────────────────────────┐
 * Relu ──────────────────────────────────────────────────┼► Concat ► Conv (1×1, at most half as many channels)
 * GlobalAveragePool ► Conv (1×1) ► Relu ► Resize (linear) ┘
 * ```
 *
 * @returns undefined if anything differs
 */
export function matchWideConcat(reader: ConvReader, conv: GraphNode): WideConcat | undefined {
  const layer = reader.read(conv)
  const concat = reader.values.writer(conv.inputs[0])
  if (!layer || `${layer.weights.dims.slice(2)}` !== '1,1' || !isPlain(conv, [0, 0, 0, 0])) return undefined
  if (!isOp(concat, 'Concat') || concat.attributes.get('axis')?.numbers[0] !== 1) return undefined
  if (concat.outputs[0] !== conv.inputs[0] || !reader.isReadOnlyBy(concat.outputs[0], conv)) return undefined
  const [outputs, channels] = layer.weights.dims
  const parts: ConcatPart[] = []
  let pixel: ConcatPart | undefined
  let start = 0
  for (const name of concat.inputs) {
    const source = findPixel(reader, name)
    if (source && pixel) return undefined
    const count = countChannels(reader, source ?? name)
    if (count === undefined || count % channelBlock > 0) return undefined
    if (source) pixel = { name: source, start, count }
    else parts.push({ name, start, count })
    start += count
  }
  return start === channels && 2 * outputs <= channels && parts.length > 1
    ? { ...layer, parts, pixel }
    : undefined
}

/** Returns the number of channels of a value, which is that of the convolution that writes it. */
function countChannels({ values }: ConvReader, name: string): number | undefined {
  let node = values.writer(name)
  for (let step = 0; node && step < maxSteps; step++) {
    if (isOp(node, 'Conv') || isOp(node, 'DeformConv')) return values.constant(node.inputs[1])?.dims[0]
    const isSum = isOp(node, 'Add')
    if (!isSum && (node.domain !== '' || !channelKeeping.includes(node.op))) return undefined
    node = values.writer(node.inputs[0])
  }
  return undefined
}

/** Returns the value of one pixel that a Resize spreads, or undefined if a value is something else. */
function findPixel({ values }: ConvReader, name: string): string | undefined {
  const resize = values.writer(name)
  if (!isOp(resize, 'Resize') || resize.inputs[1]) return undefined
  const { attributes } = resize
  const mode = attributes.get('coordinate_transformation_mode')?.text ?? 'half_pixel'
  if (attributes.get('mode')?.text !== 'linear' || !resizeModes.includes(mode)) return undefined
  if ([...attributes.keys()].some(key => !resizeAttributes.includes(key))) return undefined
  let node = values.writer(resize.inputs[0])
  for (let step = 0; node && step < maxSteps; step++) {
    if (isOp(node, 'GlobalAveragePool')) return resize.inputs[0]
    const isPointwise =
      isOp(node, 'Conv') &&
      values.constant(node.inputs[1])?.dims.slice(2).join() === '1,1' &&
      isPlain(node, [0, 0, 0, 0])
    if (!isPointwise && (node.domain !== '' || !channelKeeping.includes(node.op))) return undefined
    node = values.writer(node.inputs[0])
  }
  return undefined
}
