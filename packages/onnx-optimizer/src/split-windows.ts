import { encodeParts } from './encode-parts.ts'
import type { Replacement } from './encode-projection.ts'
import { encodeWholes } from './encode-tensor.ts'
import type { ExternalFiles } from './external.ts'
import { learnGraph } from './known-graph.ts'
import { matchWindows } from './match-windows.ts'
import { isOp } from './pattern.ts'
import type { OnnxModel } from './read-model.ts'
import type { GraphNode } from './read-node.ts'

/** The first opset in which Softmax normalizes one axis, and Slice reads its axes as an input. */
const oldestOpset = 13

/**
 * Computes large attentions part by part (see `matchWindows`): each part has some of the windows. Each element is computed as
 * before, but the scores of one part are in memory at a time.
 *
 * @param bufferBytes maximum size of a buffer
 * @returns the replacement of the last node of each attention, and of each node that reads a shape inside
 */
export function splitWindows(
  { graph, opset }: OnnxModel,
  _: ExternalFiles,
  bufferBytes: number,
): Map<GraphNode, Replacement> {
  const replaced = new Map<GraphNode, Replacement>()
  if (opset < oldestOpset) return replaced
  const known = learnGraph(graph)
  const fields = new Map(graph.items.flatMap(({ node, field }) => (node ? [[node, field] as const] : [])))
  for (const softmax of graph.nodes.filter(node => isOp(node, 'Softmax'))) {
    const windows = matchWindows(known, softmax, bufferBytes)
    if (!windows) continue
    replaced.set(windows.nodes.at(-1)!, encodeParts(windows, 'windows', known.reader.values, fields))
    for (const shape of windows.shapes) {
      const { dims } = known.find(shape.inputs[0])!
      replaced.set(shape, { inputs: [], pieces: [encodeWholes(shape.outputs[0], dims)] })
    }
  }
  return replaced
}
