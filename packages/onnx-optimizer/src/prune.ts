import type { OnnxGraph } from './read-model.ts'
import type { GraphNode } from './read-node.ts'

/** The parts of a graph that its outputs need. */
export interface Needed {
  /** Nodes in the order of the file. */
  nodes: Set<GraphNode>
  /** Names of values: inputs, constants and results of nodes. */
  names: Set<string>
}

/**
 * Finds the parts that the outputs need. Goes from the last node to the first, because a node comes after its inputs.
 *
 * @param outputs names of values
 * @param inputsOf returns the inputs of a node; by default those in the file
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
