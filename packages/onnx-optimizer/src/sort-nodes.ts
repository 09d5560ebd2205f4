import type { GraphNode } from './read-node.ts'

/** The nodes of a graph, and the items of its file, some of which are the nodes. */
interface SortableGraph<Item extends { node?: GraphNode }> {
  nodes: GraphNode[]
  items: Item[]
}

/**
 * Puts the nodes of a graph in an order in which each node follows the nodes that write its inputs, as ONNX demands. Some
 * converters append nodes without regard to the order. A graph in order stays as it is. Nodes of a cycle come last, and
 * `indexValues` refuses them.
 */
export function sortNodes<Item extends { node?: GraphNode }>(graph: SortableGraph<Item>): void {
  const { nodes } = graph
  const writers = new Map(nodes.flatMap(node => node.outputs.map(name => [name, node] as const)))
  const before = nodes.map(node => findSources(node, writers))
  const places = new Map(nodes.map((node, index) => [node, index]))
  if (before.every((sources, index) => [...sources].every(source => places.get(source)! < index))) return
  const sorted = order(nodes, before)
  graph.nodes = [...sorted]
  const next = sorted.values()
  const items = new Map(graph.items.map(item => [item.node, item]))
  graph.items = graph.items.map(item => (item.node ? items.get(next.next().value)! : item))
}

/** Returns the nodes that write what a node reads. */
function findSources(node: GraphNode, writers: Map<string, GraphNode>): Set<GraphNode> {
  const names = [...node.inputs, ...node.innerReads]
  return new Set(names.flatMap(name => (name && writers.get(name)) || []).filter(source => source !== node))
}

/** @see https://en.wikipedia.org/wiki/Topological_sorting Kahn's algorithm */
function order(nodes: GraphNode[], before: Set<GraphNode>[]): Set<GraphNode> {
  const readers = new Map<GraphNode, GraphNode[]>(nodes.map(node => [node, []]))
  const missing = new Map(nodes.map((node, index) => [node, before[index].size]))
  nodes.forEach((node, index) => {
    for (const source of before[index]) readers.get(source)!.push(node)
  })
  const sorted = new Set(nodes.filter(node => missing.get(node) === 0))
  for (const node of sorted) {
    for (const reader of readers.get(node)!) {
      const left = missing.get(reader)! - 1
      missing.set(reader, left)
      if (left === 0) sorted.add(reader)
    }
  }
  for (const node of nodes) sorted.add(node)
  return sorted
}
