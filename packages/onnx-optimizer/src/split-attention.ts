import { encodeInputChannels, encodeOutputChannels } from './encode-channels.ts'
import { encodeNode } from './encode-node.ts'
import type { Replacement } from './encode-projection.ts'
import { encodeWholes } from './encode-tensor.ts'
import type { ExternalFiles } from './external.ts'
import { learnGraph } from './known-graph.ts'
import { type AttentionPart, matchAttentionPart } from './match-attention-part.ts'
import type { OnnxModel } from './read-model.ts'
import type { GraphNode } from './read-node.ts'
import type { Tensor } from './read-tensor.ts'
import type { Piece } from './write-pieces.ts'

/**
 * Computes query, key and value of an attention with a matrix each (see `matchAttentionPart`). Each element is computed as
 * before, but no value is gathered from a tensor of all three.
 *
 * @returns the replacement of each Gather
 */
export async function splitAttention(
  { graph }: OnnxModel,
  external: ExternalFiles,
): Promise<Map<GraphNode, Replacement>> {
  const { reader, find } = learnGraph(graph)
  const found = new Map<GraphNode, AttentionPart>()
  for (const node of graph.nodes) {
    const part = matchAttentionPart(reader, node, find)
    if (part) found.set(node, part)
  }
  const nodes = new Set(found.keys())
  const constants: Constants = new Map()
  const replaced = new Map<GraphNode, Replacement>()
  for (const [node, part] of found) {
    // Another reader would need the tensor of all three.
    if (reader.isReadOnlyIn(node.inputs[0], nodes)) {
      replaced.set(node, await encodePart(node, part, constants, external))
    }
  }
  return replaced
}

/** Names of the thirds of tensors, by their index: blocks may share weights. */
type Constants = Map<Tensor, Map<number, string>>

/**
 * ```
 * x ─► MatMul ─► Add ─► Reshape [batch, positions, heads, …] ─► Transpose ─► result
 * ```
 */
async function encodePart(
  gather: GraphNode,
  { input, weights, bias, index, heads }: AttentionPart,
  constants: Constants,
  external: ExternalFiles,
): Promise<Replacement> {
  const name = (value: string) => `${gather.outputs[0]}/attention/${value}`
  const [channels] = weights.dims
  const range = { start: index * channels, count: channels }
  const step = (op: string, inputs: string[], output = name(op), attributes = {}) =>
    encodeNode({ op, name: name(`node/${op}`), inputs, outputs: [output], attributes })
  const pieces: Piece[] = []
  async function share(tensor: Tensor, value: string, encode: typeof encodeInputChannels): Promise<string> {
    const thirds = constants.get(tensor) ?? new Map<number, string>()
    constants.set(tensor, thirds)
    if (!thirds.has(index)) pieces.push(...(await encode(name(value), tensor, range, external)))
    return thirds.get(index) ?? thirds.set(index, name(value)).get(index)!
  }
  pieces.push(
    // 0 keeps a size.
    encodeWholes(name('shape'), [0, 0, heads, channels / heads]),
    step('MatMul', [input, await share(weights, 'weights', encodeInputChannels)]),
    step('Add', [name('MatMul'), await share(bias, 'bias', encodeOutputChannels)]),
    step('Reshape', [name('Add'), name('shape')]),
    step('Transpose', [name('Reshape')], gather.outputs[0], { perm: [0, 2, 1, 3] }),
  )
  return { inputs: [input], pieces }
}
