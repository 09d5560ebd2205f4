import { isOp } from './pattern.ts'
import type { ConvReader } from './read-conv.ts'
import type { GraphNode } from './read-node.ts'

/** Returns the nodes that read the whole shape of a value. */
export function findShapeReaders(reader: ConvReader, name: string): GraphNode[] {
  return reader.readersOf(name).filter(node => isOp(node, 'Shape') && node.attributes.size === 0)
}

/**
 * Finds the nodes that read the shape of a value inside a group of nodes.
 *
 * @param nodes the last one writes the result, which any node may read
 * @returns undefined if a node outside of the group reads more than a shape, or if such a value is an output of the graph
 */
export function findShapes(reader: ConvReader, nodes: readonly GraphNode[]): GraphNode[] | undefined {
  const inside = new Set(nodes)
  const shapes = new Set<GraphNode>()
  for (const { outputs } of nodes.slice(0, -1)) {
    const readers = findShapeReaders(reader, outputs[0])
    for (const shape of readers) shapes.add(shape)
    const isInside = reader.readersOf(outputs[0]).every(node => inside.has(node) || shapes.has(node))
    if (!isInside || reader.isOutput(outputs[0])) return undefined
  }
  return [...shapes]
}
