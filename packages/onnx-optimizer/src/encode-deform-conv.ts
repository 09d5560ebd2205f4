import { encodeInputChannels } from './encode-channels.ts'
import { encodeNode } from './encode-node.ts'
import { encodeSums } from './encode-sums.ts'
import { encodeWholes } from './encode-tensor.ts'
import type { ExternalFiles } from './external.ts'
import type { DeformConv } from './match-deform-conv.ts'
import type { Piece } from './write-pieces.ts'

/**
 * Encodes a native deformable convolution. If its column buffer is larger than `bufferBytes`, there are several nodes, each for a part of the
 * input channels, and their results are added: a convolution is a sum over its input channels.
 *
 * ```
 * x ─► Split ─┬► DeformConv (weights of the part) ─► Add ─► result
 *             └► DeformConv ──────────────────────────┘
 * ```
 *
 * @see https://onnx.ai/onnx/operators/onnx__DeformConv.html
 */
export async function encodeDeformConv(
  site: DeformConv,
  external: ExternalFiles,
  bufferBytes: number,
): Promise<Piece[]> {
  const { conv, inputs } = site
  const parts = countParts(site, bufferBytes)
  if (parts === 1) return [encodePart(site, inputs, conv.outputs[0], conv.name)]
  const [picture, , offsets, bias, modulator] = inputs
  const channels = site.weights.dims[1] / parts
  const name = (value: string, part: number) => `${conv.outputs[0]}/split/${value}_${part}`
  const indices = Array.from({ length: parts }, (_, part) => part)
  const pieces: Piece[] = [
    encodeWholes(
      name('sizes', 0),
      indices.map(() => channels),
    ),
    encodeNode({
      op: 'Split',
      name: name('Split', 0),
      inputs: [picture, name('sizes', 0)],
      outputs: indices.map(part => name('picture', part)),
      attributes: { axis: 1 },
    }),
  ]
  for (const part of indices) {
    const read = [name('picture', part), name('weights', part), offsets, part === 0 ? bias : '', modulator]
    const range = { start: part * channels, count: channels }
    pieces.push(...(await encodeInputChannels(name('weights', part), site.weights, range, external)))
    pieces.push(encodePart(site, read, name('result', part), name('DeformConv', part)))
  }
  // Behind all parts, each is added before the next one is computed.
  return [...pieces, ...encodeSums(conv.outputs[0], name, parts)]
}

/** Whether a site becomes several nodes, whose weights are new constants. */
export function isSplit(site: DeformConv, bufferBytes: number): boolean {
  return countParts(site, bufferBytes) > 1
}

/** Returns the least number of equal parts whose column buffers are small enough. */
function countParts({ weights, grid: { size } }: DeformConv, bufferBytes: number): number {
  const [, channels] = weights.dims
  const channelBytes = 4 * size.points * size.height * size.width
  let parts = 1
  while (parts < channels && (channels % parts > 0 || (channels / parts) * channelBytes > bufferBytes))
    parts++
  return parts
}

function encodePart(
  { geometry }: DeformConv,
  inputs: readonly string[],
  output: string,
  name: string,
): Buffer {
  const { kernel, strides, dilations, pads } = geometry
  const attributes = { kernel_shape: kernel, strides, dilations, pads }
  return encodeNode({ op: 'DeformConv', name, inputs, outputs: [output], attributes })
}
