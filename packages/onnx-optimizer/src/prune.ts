import type { OnnxGraph } from './read-model.ts'
import type { GraphNode } from './read-node.ts'

/** What a graph needs for its outputs. */
export interface Needed {
  /** In the order of the file. */
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
  const reached = new Set<GraphNode>()
  const names = new Set(outputs)
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some(name => name && names.has(name))) continue
    reached.add(node)
    for (const name of [...inputsOf(node), ...node.innerReads]) names.add(name)
  }
  return { nodes: new Set(nodes.filter(node => reached.has(node))), names }
}
