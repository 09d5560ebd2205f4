import type { ExternalFiles } from './external.ts'
import { checkGrid } from './grid.ts'
import { type DeformConv, matchDeformConv } from './match-deform-conv.ts'
import { isOp } from './pattern.ts'
import type { OnnxGraph } from './read-model.ts'
import { describeNode, type GraphNode } from './read-node.ts'
import { refuse } from './refusal.ts'
import type { Values } from './values.ts'

/** Whether a node gathers by position. Networks use this only in decomposed deformable convolutions. */
export function isGather(node: GraphNode): boolean {
  return isOp(node, 'GatherND') || isOp(node, 'GatherElements')
}

/**
 * Finds all decomposed deformable convolutions, starting at their gathers.
 *
 * @param nodes the nodes that the outputs need
 * @throws {Refusal} if a gather belongs to no matching pattern: a graph that is understood only in part stays unchanged
 * @throws the signal's reason after an abort
 */
export async function findDeformConvs(
  graph: OnnxGraph,
  values: Values,
  nodes: GraphNode[],
  external: ExternalFiles,
  signal?: AbortSignal,
): Promise<Map<GraphNode, DeformConv>> {
  const gathers = nodes.filter(isGather)
  const readers = gathers.length > 0 ? indexReaders(nodes) : new Map()
  const found = new Map<GraphNode, DeformConv>()
  for (const conv of new Set(gathers.flatMap(gather => findConvs(gather, readers)))) {
    const site = matchDeformConv(graph, values, conv)
    await checkGrid(site, external, signal)
    found.set(conv, site)
  }
  return found
}

/** Returns the readers of each value. A node with a graph in an attribute (If, Loop) reads what that graph reads. */
export function indexReaders(nodes: GraphNode[]): Map<string, GraphNode[]> {
  const readers = new Map<string, GraphNode[]>()
  for (const node of nodes) {
    for (const name of [...node.inputs, ...node.innerReads]) {
      const known = readers.get(name)
      if (known) known.push(node)
      else readers.set(name, [node])
    }
  }
  return readers
}

/** Returns the first convolutions downstream of a node. */
function findConvs(gather: GraphNode, readers: Map<string, GraphNode[]>): GraphNode[] {
  const convs: GraphNode[] = []
  const reached = new Set([gather])
  for (const node of reached) {
    if (isOp(node, 'Conv')) convs.push(node)
    else for (const name of node.outputs) for (const reader of readers.get(name) ?? []) reached.add(reader)
  }
  if (convs.length === 0) refuse(`${describeNode(gather)} leads to no Conv`)
  return convs
}
