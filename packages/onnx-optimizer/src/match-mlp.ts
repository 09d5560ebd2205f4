import { isOp } from './pattern.ts'
import type { ConvReader } from './read-conv.ts'
import type { GraphNode } from './read-node.ts'
import type { Tensor } from './read-tensor.ts'
import { countElements } from './values.ts'

/** Two layers of a transformer's block, and the nodes between them, which compute each hidden channel for itself. */
export interface Mlp {
  /** float32 [inputs, hidden] */
  first: Tensor
  /** float32 [hidden, outputs] */
  second: Tensor
  /** The first MatMul and the nodes up to the second one, in the order of the file. */
  nodes: GraphNode[]
  /** Constants [hidden] that these nodes read, by the name that they read. */
  vectors: Map<string, Tensor>
}

/** Number of parts into which the hidden channels are split. */
export const mlpParts = 4

/** Operators that compute each element for itself. */
const elementwise = ['Add', 'Sub', 'Mul', 'Div', 'Erf', 'Gelu', 'Relu', 'Sigmoid', 'Tanh', 'Identity']

/** Maximum number of nodes between the two layers. */
const maxNodes = 16

/**
 * Matches two layers with at least twice as many hidden channels as inputs and outputs:
 *
 * ```
 * x ─► MatMul ─► Add, Gelu or its pieces ─► MatMul
 * ```
 *
 * @param last the second MatMul
 * @param order place of each node in the file
 * @returns undefined if anything differs
 */
export function matchMlp(
  reader: ConvReader,
  last: GraphNode,
  order: Map<GraphNode, number>,
): Mlp | undefined {
  const second = readMatrix(reader, last)
  if (!second) return undefined
  const [hidden, outputs] = second.dims
  const found = new Set<GraphNode>()
  const vectors = new Map<string, Tensor>()
  let first: GraphNode | undefined
  const waiting = [last.inputs[0]]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const constant = reader.values.constant(name)
    if (constant && countElements(constant) === 1 && constant.dims.length <= 1) continue
    const node = reader.values.writer(name)
    if (constant?.dims.length === 1 && constant.dims[0] === hidden && reader.isFloat(name)) {
      vectors.set(name, constant)
    } else if (isOp(node, 'MatMul') && node.outputs[0] === name) {
      if (first && first !== node) return undefined
      found.add(node)
      first = node
    } else if (node?.domain === '' && elementwise.includes(node.op) && node.outputs[0] === name) {
      if (found.size >= maxNodes) return undefined
      if (!found.has(node)) waiting.push(...node.inputs)
      found.add(node)
    } else return undefined
  }
  const matrix = first && readMatrix(reader, first)
  if (!matrix || matrix.dims[1] !== hidden || hidden < 2 * Math.max(matrix.dims[0], outputs)) return undefined
  if (hidden % (16 * mlpParts) > 0) return undefined
  const nodes = [...found].sort((one, other) => order.get(one)! - order.get(other)!)
  // A node before the first MatMul would compute with constants only.
  if (nodes[0] !== first) return undefined
  const isInside = nodes.every(node => reader.isReadOnlyIn(node.outputs[0], new Set([...found, last])))
  return isInside ? { first: matrix, second, nodes, vectors } : undefined
}

/** Returns the constant matrix with which a node multiplies. */
function readMatrix(reader: ConvReader, node: GraphNode): Tensor | undefined {
  const matrix = isOp(node, 'MatMul') && reader.isFloat(node.inputs[1]) ? node.inputs[1] : ''
  const tensor = matrix ? reader.values.constant(matrix) : undefined
  return tensor?.dims.length === 2 ? tensor : undefined
}
