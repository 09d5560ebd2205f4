import { moveRules } from './move-layout.ts'
import { isOp } from './pattern.ts'
import type { ConvReader } from './read-conv.ts'
import type { GraphNode } from './read-node.ts'

/** Nodes that only move elements, from one value to one value. */
export interface MoveChain {
  /** In the order of the file. */
  nodes: GraphNode[]
  /** The value that the first nodes read. */
  source: string
  /** These nodes. */
  first: GraphNode[]
}

/** Maximum number of nodes of a chain; Swin's have 10 or 11. */
const maxNodes = 64

/**
 * Finds the last node of the chain to which a roll belongs. A roll is two or more Slices of one value, joined again.
 *
 * @param join the Concat
 * @returns undefined if the node joins no roll
 */
export function findRollEnd(reader: ConvReader, join: GraphNode): GraphNode | undefined {
  if (!isRoll(reader, join)) return undefined
  let last = join
  for (let step = 0; step < maxNodes; step++) {
    const next = findNext(reader, last)
    if (!next) break
    last = next
  }
  return last
}

/**
 * Collects the chain that ends with a node.
 *
 * @param order place of each node in the file
 * @returns undefined if the chain has several sources or too many nodes
 */
export function collectChain(
  { values }: ConvReader,
  last: GraphNode,
  order: Map<GraphNode, number>,
): MoveChain | undefined {
  const found = new Set([last])
  const first = new Set<GraphNode>()
  const sources = new Set<string>()
  for (const node of found) {
    if (found.size > maxNodes) return undefined
    for (const name of isOp(node, 'Concat') ? node.inputs : node.inputs.slice(0, 1)) {
      const writer = values.writer(name)
      if (isMove(writer)) {
        found.add(writer)
      } else {
        sources.add(name)
        first.add(node)
      }
    }
  }
  const nodes = [...found].sort((one, other) => order.get(one)! - order.get(other)!)
  const [source] = sources
  return sources.size === 1 ? { nodes, source, first: [...first] } : undefined
}

/** Returns the node that moves the result of a node; if the result is rolled, the node that joins the parts. */
function findNext(reader: ConvReader, { outputs }: GraphNode): GraphNode | undefined {
  const readers = reader.readersOf(outputs[0]).filter(node => !isOp(node, 'Shape'))
  if (readers.length === 1) return isMove(readers[0]) ? readers[0] : undefined
  const [join] = readers.flatMap(node => reader.readersOf(node.outputs[0]))
  const isRolled = isRoll(reader, join) && readers.every(node => reader.isReadOnlyBy(node.outputs[0], join))
  return isRolled ? join : undefined
}

function isRoll({ values }: ConvReader, node: GraphNode | undefined): node is GraphNode {
  if (!isOp(node, 'Concat') || node.inputs.length < 2) return false
  const slices = node.inputs.map(name => values.writer(name))
  return slices.every(slice => isOp(slice, 'Slice') && slice.inputs[0] === slices[0]!.inputs[0])
}

/** Whether a node only moves elements. */
function isMove(node: GraphNode | undefined): node is GraphNode {
  return node?.domain === '' && Object.hasOwn(moveRules, node.op)
}
