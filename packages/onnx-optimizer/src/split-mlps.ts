import { chooseParts, countParts, floatBytes, isPartCount, isWorthCopies } from './choose-parts.ts'
import { encodeInputChannels, encodeOutputChannels } from './encode-channels.ts'
import { encodeCopy } from './encode-node.ts'
import { encodeParts, type Parts } from './encode-parts.ts'
import type { Replacement } from './encode-projection.ts'
import { encodeSums } from './encode-sums.ts'
import type { ExternalFiles } from './external.ts'
import { type KnownGraph, learnGraph } from './known-graph.ts'
import { type Mlp, matchMlp, mlpParts } from './match-mlp.ts'
import { countPlaces } from './move-cells.ts'
import { isOp } from './pattern.ts'
import type { OnnxModel } from './read-model.ts'
import type { GraphNode } from './read-node.ts'
import type { Tensor } from './read-tensor.ts'
import { countElements } from './values.ts'
import type { Field } from './wire.ts'
import type { Piece } from './write-pieces.ts'

/** The first opset in which all nodes of the parts read their sizes and axes as inputs. */
const oldestOpset = 13

/** Two layers, their second MatMul, and the size of their hidden values in bytes, if it is known. */
interface Found {
  last: GraphNode
  mlp: Mlp
  bytes?: number
}

/**
 * Splits the two layers of a transformer's block (see `matchMlp`) if they have many hidden values: by their positions if the
 * matrices are small, because each part has a copy of them, and otherwise by their hidden channels. The sum of such parts is the
 * same, and a quarter of the hidden channels is in memory at a time. If the number of hidden values is not known, only the layers
 * with the fewest inputs are split: they have the most positions.
 *
 * @param bufferBytes maximum size of a buffer
 * @returns the replacement of each node that changes
 */
export async function splitMlps(
  { graph, opset }: OnnxModel,
  external: ExternalFiles,
  bufferBytes: number,
): Promise<Map<GraphNode, Replacement>> {
  const known = learnGraph(graph)
  const found = graph.nodes.filter(node => isOp(node, 'MatMul')).flatMap(node => findMlp(known, node) ?? [])
  const least = Math.min(...found.map(({ mlp }) => mlp.first.dims[0]))
  const isLarge = ({ mlp, bytes }: Found) =>
    bytes === undefined ? mlp.first.dims[0] === least : countParts(bytes, bufferBytes) > 1
  const fields = new Map(graph.items.flatMap(({ node, field }) => (node ? [[node, field] as const] : [])))
  const constants = new Map<Tensor, string>()
  const replaced = new Map<GraphNode, Replacement>()
  // Blocks may share weights: whole weights and their parts would be in the file.
  for (const first of new Set(found.map(({ mlp }) => mlp.first))) {
    const blocks = found.filter(({ mlp }) => mlp.first === first)
    const large = blocks.filter(isLarge)
    const chains = large.map(block =>
      opset < oldestOpset ? undefined : followPositions(known, block, bufferBytes),
    )
    if (chains.every(chain => chain !== undefined)) {
      for (const chain of chains)
        replaced.set(chain.nodes.at(-1)!, encodeParts(chain, 'positions', known.reader.values, fields))
    } else {
      for (const { last, mlp } of blocks)
        replaced.set(last, await encodeMlp(last, mlp, fields, constants, external))
    }
  }
  return replaced
}

function findMlp({ reader, find, order }: KnownGraph, last: GraphNode): Found | undefined {
  const mlp = matchMlp(reader, last, order)
  const hidden = mlp && find(mlp.nodes[0].outputs[0])
  return mlp && { last, mlp, bytes: hidden && floatBytes * countPlaces(hidden.dims) }
}

/** Returns how layers are split by their positions, or undefined if that is not worth the copies of the matrices. */
function followPositions(
  { reader, find }: KnownGraph,
  { last, mlp, bytes }: Found,
  bufferBytes: number,
): Parts | undefined {
  const { first, second, nodes } = mlp
  const source = reader.values.original(nodes[0].inputs[0])
  const positions = find(source)?.dims.slice(0, -1)
  if (!positions || bytes === undefined) return undefined
  const count = Math.max(...positions)
  // The hidden values of a part are at most half as large as the input.
  const least = (2 * first.dims[1]) / first.dims[0]
  const parts = chooseParts(Math.max(countParts(bytes, bufferBytes), Math.ceil(least)), count)
  const matrixBytes = floatBytes * (countElements(first) + countElements(second))
  if (!isPartCount(parts) || !isWorthCopies(bytes, parts, matrixBytes)) return undefined
  const chain = [...nodes, last]
  const values = [source, ...chain.map(({ outputs }) => outputs[0])]
  const axes = new Map(values.map(value => [value, positions.indexOf(count)]))
  return { sources: new Set([source]), count, parts, nodes: chain, axes, sliced: new Map(), dims: new Map() }
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
