import { foldProjection, type Replacement } from './encode-projection.ts'
import type { ExternalFiles } from './external.ts'
import { indexReaders } from './find-sites.ts'
import type { Shapes } from './find-size.ts'
import { ProjectionMatcher } from './match-projection.ts'
import { isOp } from './pattern.ts'
import type { OnnxModel } from './read-model.ts'
import type { GraphNode } from './read-node.ts'
import type { Values } from './values.ts'

/** The first opset whose Resize can omit its second input. */
const oldestOpset = 13

/**
 * Folds all projections (see `foldProjection`).
 *
 * @param nodes the nodes that the outputs need
 * @param shapes what is known about shapes
 * @returns the replacement of each node that changes
 */
export async function foldProjections(
  { graph, opset }: OnnxModel,
  values: Values,
  nodes: GraphNode[],
  shapes: Shapes,
  external: ExternalFiles,
): Promise<Map<GraphNode, Replacement>> {
  if (opset < oldestOpset) return new Map()
  const matcher = new ProjectionMatcher(graph, values, shapes, indexReaders(nodes))
  const found = nodes.filter(node => isOp(node, 'Conv')).flatMap(conv => matcher.match(conv) ?? [])
  const fields = new Map(graph.items.flatMap(({ node, field }) => (node ? [[node, field] as const] : [])))
  const replaced = new Map<GraphNode, Replacement>()
  for (const projection of found) {
    for (const entry of await foldProjection(projection, fields, external)) replaced.set(...entry)
  }
  return replaced
}
