import { countParts, floatBytes } from './choose-parts.ts'
import { encodeInputChannels, encodeOutputChannels } from './encode-channels.ts'
import { encodeCopy } from './encode-node.ts'
import type { Replacement } from './encode-projection.ts'
import { encodeSums } from './encode-sums.ts'
import type { ExternalFiles } from './external.ts'
import { learnGraph } from './known-graph.ts'
import { type Mlp, matchMlp, mlpParts } from './match-mlp.ts'
import { countPlaces } from './move-cells.ts'
import { isOp } from './pattern.ts'
import type { OnnxModel } from './read-model.ts'
import type { GraphNode } from './read-node.ts'
import type { Tensor } from './read-tensor.ts'
import type { Field } from './wire.ts'
import type { Piece } from './write-pieces.ts'

/**
 * Splits the two layers of a transformer's block by their hidden channels (see `matchMlp`): the sum of the parts is the same,
 * and a quarter of the hidden channels is in memory at a time. Layers with few hidden values are not split. If their number is
 * not known, only the layers with the fewest inputs are split: they have the most positions.
 *
 * @param bufferBytes maximum size of a buffer
 * @returns the replacement of each node that changes
 */
export async function splitMlps(
  { graph }: OnnxModel,
  external: ExternalFiles,
  bufferBytes: number,
): Promise<Map<GraphNode, Replacement>> {
  const { reader, find, order } = learnGraph(graph)
  const found = graph.nodes
    .filter(node => isOp(node, 'MatMul'))
    .flatMap(node => {
      const mlp = matchMlp(reader, node, order)
      return mlp ? [{ node, mlp }] : []
    })
  const least = Math.min(...found.map(({ mlp }) => mlp.first.dims[0]))
  const isLarge = ({ nodes, first }: Mlp) => {
    const hidden = find(nodes[0].outputs[0])
    const parts = hidden && countParts(floatBytes * countPlaces(hidden.dims), bufferBytes)
    return parts === undefined ? first.dims[0] === least : parts > 1
  }
  const large = new Set(found.filter(({ mlp }) => isLarge(mlp)).map(({ mlp }) => mlp.first))
  const fields = new Map(graph.items.flatMap(({ node, field }) => (node ? [[node, field] as const] : [])))
  const constants = new Map<Tensor, string>()
  const replaced = new Map<GraphNode, Replacement>()
  for (const { node, mlp } of found) {
    // Blocks may share weights: whole weights and their parts would be in the file.
    if (large.has(mlp.first)) replaced.set(node, await encodeMlp(node, mlp, fields, constants, external))
  }
  return replaced
}

/** @param constants names of the tensors that are split already: blocks may share weights */
async function encodeMlp(
  last: GraphNode,
  mlp: Mlp,
  fields: Map<GraphNode, Field>,
  constants: Map<Tensor, string>,
  external: ExternalFiles,
): Promise<Replacement> {
  const name = (value: string, part: number) => `${last.outputs[0]}/hidden/${value}_${part}`
  const count = mlp.first.dims[1] / mlpParts
  const pieces: Piece[] = []
  async function split(tensor: Tensor, value: string, encode: typeof encodeInputChannels): Promise<string> {
    const known = constants.get(tensor)
    if (known) return known
    const stem = `${last.outputs[0]}/hidden/weights/${value}`
    constants.set(tensor, stem)
    for (let part = 0; part < mlpParts; part++)
      pieces.push(...(await encode(`${stem}_${part}`, tensor, { start: part * count, count }, external)))
    return stem
  }
  const [start, ...between] = mlp.nodes
  const stems = new Map([[start.inputs[1], await split(mlp.first, 'first', encodeInputChannels)]])
  stems.set(last.inputs[1], await split(mlp.second, 'second', encodeOutputChannels))
  for (const [index, [vector, tensor]] of [...mlp.vectors].entries())
    stems.set(vector, await split(tensor, `vector${index}`, encodeOutputChannels))
  const inner = new Set(mlp.nodes.map(node => node.outputs[0]))
  for (let part = 0; part < mlpParts; part++) {
    const rename = (value: string) =>
      inner.has(value)
        ? name(`values/${value}`, part)
        : stems.has(value)
          ? `${stems.get(value)}_${part}`
          : value
    for (const node of [start, ...between, last]) {
      const outputs = [node === last ? name('result', part) : rename(node.outputs[0])]
      const inputs = node.inputs.map(rename)
      pieces.push(
        encodeCopy(fields.get(node)!, {
          name: name(`node/${node.name || node.outputs[0]}`, part),
          inputs,
          outputs,
        }),
      )
    }
  }
  const outside = mlp.nodes
    .flatMap(node => node.inputs)
    .filter(value => !inner.has(value) && !stems.has(value))
  return { inputs: outside, pieces: [...pieces, ...encodeSums(last.outputs[0], name, mlpParts)] }
}
