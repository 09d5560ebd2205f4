import type { OnnxGraph } from './read-model.ts'
import type { GraphNode } from './read-node.ts'

/** What a graph needs for its outputs. */
export interface Needed {
  nodes: Set<GraphNode>
  /** Values: of inputs, constants and nodes. */
  names: Set<string>
}

/**
 * Finds what the outputs need, from the last node to the first: every node is behind those it reads from.
 *
 * @param outputs names of values
 * @param inputsOf what a node reads; by default what the file says
 */
export function findNeeded(
  { nodes }: OnnxGraph,
  outputs: readonly string[],
  inputsOf = (node: GraphNode) => node.inputs,
): Needed {
  const needed: Needed = { nodes: new Set(), names: new Set(outputs) }
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some(name => name && needed.names.has(name))) continue
    needed.nodes.add(node)
    for (const name of [...inputsOf(node), ...node.innerReads]) needed.names.add(name)
  }
  return needed
}
