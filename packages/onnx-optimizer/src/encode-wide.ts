import { encodeInputChannels, encodeOutputChannels } from './encode-channels.ts'
import { encodeCopy, encodeNode } from './encode-node.ts'
import type { Replacement } from './encode-projection.ts'
import { encodeSums } from './encode-sums.ts'
import type { ExternalFiles } from './external.ts'
import type { WideConcat } from './match-wide-concat.ts'
import type { WideMiddle } from './match-wide-middle.ts'
import { channelBlock } from './read-conv.ts'
import type { GraphNode } from './read-node.ts'
import type { Field } from './wire.ts'
import type { Piece } from './write-pieces.ts'

// Each Add is next to its part: ONNX Runtime fuses it into the convolution, and then computes one part after the other.

/** Returns the name of a new value of a convolution. */
type Name = (value: string, part: number) => string

/**
 * Encodes a convolution of a Concat as the sum of a convolution per part. A part of one pixel stays one pixel.
 *
 * ```
 * part ─► Conv ─┐
 * part ─► Conv ─┴► Add ─► result
 * ```
 */
export async function encodeWideConcat(
  conv: GraphNode,
  { weights, parts, pixel }: WideConcat,
  external: ExternalFiles,
): Promise<Replacement> {
  const name: Name = (value, part) => `${conv.outputs[0]}/parts/${value}_${part}`
  const all = pixel ? [...parts, pixel] : parts
  const bias = conv.inputs[2] ?? ''
  const sums = encodeSums(conv.outputs[0], name, all.length)
  const pieces: Piece[] = []
  for (const [part, range] of all.entries()) {
    pieces.push(
      ...(await encodeInputChannels(name('weights', part), weights, range, external)),
      encodeNode({
        op: 'Conv',
        name: name('Conv', part),
        inputs: [range.name, name('weights', part), part === 0 ? bias : ''],
        outputs: [name('result', part)],
        attributes: { kernel_shape: [1, 1] },
      }),
      ...sums.slice(Math.max(part - 1, 0), part),
    )
  }
  return { inputs: [...all.map(part => part.name), bias], pieces }
}

/**
 * Encodes two convolutions as the sum of pairs, each with a part of the channels in the middle.
 *
 * ```
 * x ─┬► Conv ─► 16 channels ─► Conv ─┐
 *    └► Conv ─► 16 channels ─► Conv ─┴► Add ─► result
 * ```
 */
export async function encodeWideMiddle(
  conv: GraphNode,
  { first, outer, inner }: WideMiddle,
  fields: Map<GraphNode, Field>,
  external: ExternalFiles,
): Promise<Replacement> {
  const name: Name = (value, part) => `${conv.outputs[0]}/middle/${value}_${part}`
  const count = outer.weights.dims[0] / channelBlock
  const bias = conv.inputs[2] ?? ''
  const sums = encodeSums(conv.outputs[0], name, count)
  const pieces: Piece[] = []
  for (let part = 0; part < count; part++) {
    const range = { start: part * channelBlock, count: channelBlock }
    const { weights, bias: outerBias } = outer
    pieces.push(...(await encodeOutputChannels(name('outer', part), weights, range, external)))
    if (outerBias)
      pieces.push(...(await encodeOutputChannels(name('bias', part), outerBias, range, external)))
    pieces.push(
      ...(await encodeInputChannels(name('inner', part), inner.weights, range, external)),
      encodeCopy(fields.get(first)!, {
        name: name('First', part),
        inputs: [first.inputs[0], name('outer', part), outerBias ? name('bias', part) : ''],
        outputs: [name('channels', part)],
      }),
      encodeCopy(fields.get(conv)!, {
        name: name('Second', part),
        inputs: [name('channels', part), name('inner', part), part === 0 ? bias : ''],
        outputs: [name('result', part)],
      }),
      ...sums.slice(Math.max(part - 1, 0), part),
    )
  }
  return { inputs: [first.inputs[0], bias], pieces }
}
