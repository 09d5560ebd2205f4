import type { PartChain } from './encode-parts.ts'
import type { KnownGraph } from './known-graph.ts'
import { isOp } from './pattern.ts'
import type { GraphNode } from './read-node.ts'
import { windowRules } from './window-axes.ts'

/** Nodes that compute each window for itself. */
export interface WindowChain extends PartChain {
  /** Values that a node reads as a whole. */
  whole: Set<string>
}

/** Maximum number of nodes; Swin's attention has at most 24. */
export const maxNodes = 32

/**
 * Follows the windows from node to node.
 *
 * @param nodes in the order of the file; those that do not depend on the sources are left out
 * @param sources values whose first axis are the windows
 * @param isLong whether to go on behind the last node
 * @returns undefined if a node does not compute each window for itself, or if a size is dynamic
 */
export function followWindows(
  graph: KnownGraph,
  nodes: readonly GraphNode[],
  sources: ReadonlySet<string>,
  isLong: boolean,
): WindowChain | undefined {
  const counts = new Set([...sources].map(name => graph.find(name)?.dims[0]))
  const [count] = counts
  if (counts.size !== 1 || count === undefined) return undefined
  const axes = new Map([...sources].map(name => [name, 0]))
  const maps = { sliced: new Map(), dims: new Map() }
  const chain: WindowChain = { sources, count, nodes: [], axes, ...maps, whole: new Set() }
  if (!nodes.every(node => !readsWindows(graph, chain, node) || addNode(graph, chain, node))) return undefined
  if (isLong) extend(graph, chain)
  return chain
}

function readsWindows({ reader: { values } }: KnownGraph, { axes }: PartChain, node: GraphNode): boolean {
  return node.inputs.some(name => axes.has(values.original(name)))
}

/** Adds the nodes behind the last one, as long as each is the only one that reads the result before. */
function extend(graph: KnownGraph, chain: WindowChain): void {
  const { reader } = graph
  while (chain.nodes.length < maxNodes) {
    const [name] = chain.nodes.at(-1)!.outputs
    const readers = reader.readersOf(name).filter(node => !isOp(node, 'Shape'))
    if (readers.length !== 1 || reader.isOutput(name) || !addNode(graph, chain, readers[0])) return
  }
}

/** @returns false if the node does not compute each window for itself; then the chain stays as it is */
function addNode({ reader: { values }, find }: KnownGraph, chain: WindowChain, node: GraphNode): boolean {
  const rule = node.domain === '' && Object.hasOwn(windowRules, node.op) && windowRules[node.op]
  const read = node.inputs.map(values.original)
  const [name] = node.outputs
  const inputs = read.flatMap(input => {
    const known = find(input)
    return known ? [{ dims: known.dims, axis: chain.axes.get(input) }] : []
  })
  const size = find(name)?.dims
  const result = rule && size && inputs.length === read.length ? rule(node, inputs, size) : undefined
  if (!result) return false
  const slices = [...(result.sliced ?? [])].map(([index, axis]) => [read[index], axis] as const)
  const whole = read.filter((value, index) => !chain.axes.has(value) && !result.sliced?.has(index))
  // A value cannot be read both as a whole and in parts, or along two axes.
  const isMixed = slices.some(
    ([value, axis]) =>
      chain.whole.has(value) || whole.includes(value) || (chain.sliced.get(value) ?? axis) !== axis,
  )
  if (isMixed || whole.some(value => chain.sliced.has(value))) return false
  for (const value of whole) chain.whole.add(value)
  for (const [value, axis] of slices) chain.sliced.set(value, axis)
  chain.axes.set(name, result.axis)
  chain.dims.set(name, size!)
  chain.nodes.push(node)
  return true
}
