import { encodeInputChannels } from './encode-channels.ts'
import { encodeCopy, encodeNode } from './encode-node.ts'
import type { Replacement } from './encode-projection.ts'
import { encodeWholes } from './encode-tensor.ts'
import type { ExternalFiles } from './external.ts'
import { learnGraph } from './known-graph.ts'
import { type Lateral, matchLateral } from './match-lateral.ts'
import { countPlaces } from './move-cells.ts'
import { isOp } from './pattern.ts'
import type { OnnxModel } from './read-model.ts'
import type { GraphNode } from './read-node.ts'
import type { Field } from './wire.ts'
import type { Piece } from './write-pieces.ts'

/** The first opset whose Resize can omit its second input. */
const oldestOpset = 13

type Fields = ReadonlyMap<GraphNode, Field>

/**
 * Splits the convolutions of lateral connections by the two resolutions of their input (see `matchLateral`), so that the Concat
 * is never in memory. Both a Resize and a 1×1 convolution are linear, so the coarse part is convolved before it is enlarged,
 * together with the level below:
 *
 * ```
 * coarse ─► Conv ─► Add ◄─ level below
 *                    └► Resize ─► Add ◄─ Conv ◄─ fine
 * ```
 *
 * @returns the replacement of each node that changes
 */
export async function splitLaterals(
  { graph, opset }: OnnxModel,
  external: ExternalFiles,
): Promise<Map<GraphNode, Replacement>> {
  const replaced = new Map<GraphNode, Replacement>()
  if (opset < oldestOpset) return replaced
  const known = learnGraph(graph)
  const fields = new Map(graph.items.flatMap(({ node, field }) => (node ? [[node, field] as const] : [])))
  for (const conv of graph.nodes.filter(node => isOp(node, 'Conv'))) {
    const lateral = matchLateral(known, conv)
    // A node may belong to two connections. Then the second one stays.
    if (!lateral || [lateral.below, ...lateral.others].some(node => replaced.has(node))) continue
    replaced.set(lateral.below, await encodeBelow(lateral, fields, external))
    replaced.set(conv, await encodeFine(lateral, fields, external))
    for (const node of lateral.others) {
      const { dims } = known.find(node.outputs[0])!
      replaced.set(node, encodeOther(lateral, node, dims, fields))
    }
    for (const shape of lateral.shapes) {
      const dims = lateral.fine.dims.with(1, lateral.weights.dims[1])
      replaced.set(shape, { inputs: [], pieces: [encodeWholes(shape.outputs[0], dims)] })
    }
  }
  return replaced
}

/** Adds the convolved coarse value to the level below. */
async function encodeBelow(
  { conv, weights, fine, coarse, deep, below }: Lateral,
  fields: Fields,
  external: ExternalFiles,
): Promise<Replacement> {
  const name = (value: string) => `${conv.outputs[0]}/coarse/${value}`
  const others = below.inputs.slice(1)
  const range = { start: fine.dims[1], count: coarse.dims[1] }
  const step = (op: string, inputs: string[]) =>
    encodeNode({ op, name: name(`node/${op}`), inputs, outputs: [name(op)] })
  const pieces: Piece[] = [
    ...(await encodeInputChannels(name('weights'), weights, range, external)),
    step('Conv', [coarse.name, name('weights')]),
    step('Add', [deep, name('Conv')]),
    encodeCopy(fields.get(below)!, {
      ...below,
      inputs: [name('Add'), ...others],
    }),
  ]
  return { inputs: [coarse.name, deep, ...others], pieces }
}

/**
 * Convolves the fine value after the level below is computed. Without the Reshape, whose sizes depend on that level, ONNX Runtime
 * would compute this convolution as soon as its input is there, and keep the result, which has more channels than the input.
 */
async function encodeFine(
  { conv, weights, fine, coarse, deep }: Lateral,
  fields: Fields,
  external: ExternalFiles,
): Promise<Replacement> {
  const name = (value: string) => `${conv.outputs[0]}/fine/${value}`
  const count = countPlaces([fine.dims[0], weights.dims[0], ...coarse.dims.slice(2)])
  const range = { start: 0, count: fine.dims[1] }
  const step = (op: string, inputs: string[]) =>
    encodeNode({ op, name: name(`node/${op}`), inputs, outputs: [name(op)] })
  const pieces: Piece[] = [
    encodeWholes(name('count'), [count]),
    encodeWholes(name('dims'), fine.dims),
    step('Size', [deep]),
    step('Div', [name('Size'), name('count')]),
    step('Mul', [name('Div'), name('dims')]),
    step('Reshape', [fine.name, name('Mul')]),
    ...(await encodeInputChannels(name('weights'), weights, range, external)),
    encodeCopy(fields.get(conv)!, {
      ...conv,
      inputs: [name('Reshape'), name('weights'), ...conv.inputs.slice(2)],
    }),
  ]
  return { inputs: [deep, fine.name, ...conv.inputs.slice(2)], pieces }
}

/** Resizes the two values before they are concatenated. @param dims of the result */
function encodeOther(
  { fine, coarse, enlarge }: Lateral,
  node: GraphNode,
  dims: readonly number[],
  fields: Fields,
): Replacement {
  const name = (value: string) => `${node.outputs[0]}/parts/${value}`
  const parts = [
    { source: fine.name, channels: fine.dims[1] },
    { source: enlarge.outputs[0], channels: coarse.dims[1] },
  ]
  const pieces = parts.flatMap(({ source, channels }, part): Piece[] => [
    encodeWholes(name(`sizes_${part}`), dims.with(1, channels)),
    encodeCopy(fields.get(node)!, {
      name: name(`node/Resize_${part}`),
      inputs: [source, '', '', name(`sizes_${part}`)],
      outputs: [name(`Resize_${part}`)],
    }),
  ])
  const outputs = [node.outputs[0]]
  const inputs = parts.map((_, part) => name(`Resize_${part}`))
  pieces.push(
    encodeNode({ op: 'Concat', name: name('node/Concat'), inputs, outputs, attributes: { axis: 1 } }),
  )
  return { inputs: parts.map(({ source }) => source), pieces }
}
