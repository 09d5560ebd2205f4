import { chooseParts, countParts, floatBytes, isPartCount, isWorthCopies } from './choose-parts.ts'
import type { PartChain, Parts } from './encode-parts.ts'
import { findShapeReaders, findShapes } from './find-shapes.ts'
import { followWindows, maxNodes, type WindowChain } from './follow-windows.ts'
import type { KnownGraph } from './known-graph.ts'
import { countPlaces } from './move-cells.ts'
import { isOp } from './pattern.ts'
import type { ConvReader } from './read-conv.ts'
import type { GraphNode } from './read-node.ts'
import type { Values } from './values.ts'
import { windowRules } from './window-axes.ts'

/** The attention of windows: nodes that compute each window for itself. */
export interface Windows extends Parts {
  /** Other nodes that read the shape of a result. */
  shapes: GraphNode[]
}

/**
 * Matches the attention of windows, if its scores are large:
 *
 * ```
 * x ─┬► MatMul ─► Add ─► Reshape ─► … ─► query ─┬► MatMul ─► Add … ─► Softmax ─┬► MatMul ─► … ─► MatMul ─► Add ─► result
 *    ├► MatMul ─► Add ─► Reshape ─► … ─► key ───┘   (bias, mask)               │
 *    └► MatMul ─► Add ─► Reshape ─► … ─► value ────────────────────────────────┘
 * ```
 *
 * Each node must compute each window for itself (see `windowRules`), so the number and the order of the nodes do not matter. If
 * the matrices are large, only the nodes from the first three Reshapes to the third MatMul are taken.
 *
 * @param bufferBytes maximum size of a buffer
 * @returns undefined if anything differs: a size is dynamic, another node reads a value between
 */
export function matchWindows(
  graph: KnownGraph,
  softmax: GraphNode,
  bufferBytes: number,
): Windows | undefined {
  const { reader, find, order } = graph
  const scores = find(softmax.outputs[0])
  const [product] = reader.readersOf(softmax.outputs[0])
  if (!scores || !isOp(product, 'MatMul')) return undefined
  const bytes = floatBytes * countPlaces(scores.dims)
  const needed = countParts(bytes, bufferBytes)
  if (needed <= 1) return undefined
  const whole = collect(graph, product, true)
  const [source] = whole.sources
  const copies = chooseParts(needed, find(source)?.dims[0] ?? needed)
  const isLight = isWorthCopies(bytes, copies, whole.matrixBytes)
  const { nodes, sources } = isLight ? whole : collect(graph, product, false)
  if (nodes.size > maxNodes) return undefined
  const sorted = [...nodes].sort((one, other) => order.get(one)! - order.get(other)!)
  const followed = followWindows(graph, sorted, sources, isLight)
  const chain = followed && addGather(reader, followed)
  const shapes = chain && findShapes(reader, chain.nodes)
  const parts = chooseParts(needed, chain?.count ?? 1)
  return shapes && isPartCount(parts) ? { ...chain, parts, shapes } : undefined
}

/**
 * Collects the nodes from the first matrices, or from the Reshapes behind them, to the last node, and others that the windows
 * do not depend on.
 *
 * @param withMatrices whether the first matrices are among the nodes
 */
function collect({ reader: { values }, find }: KnownGraph, last: GraphNode, withMatrices: boolean) {
  const nodes = new Set([last])
  const sources = new Set<string>()
  let matrixBytes = 0
  for (const node of nodes) {
    if (nodes.size > maxNodes) break
    if (isOp(node, 'MatMul') && values.constant(node.inputs[1])) {
      matrixBytes += floatBytes * countPlaces(find(node.inputs[1])?.dims ?? [])
      sources.add(values.original(node.inputs[0]))
      continue
    }
    for (const name of isOp(node, 'Reshape') ? node.inputs.slice(0, 1) : node.inputs) {
      const writer = values.writer(name)
      if (!withMatrices && isProjection(values, writer)) sources.add(values.original(name))
      else if (writer?.domain === '' && Object.hasOwn(windowRules, writer.op)) nodes.add(writer)
    }
  }
  return { nodes, sources, matrixBytes }
}

/** Adds the Gather that writes the windows, if no other node needs them: then each part gathers its own. */
function addGather(reader: ConvReader, chain: WindowChain): PartChain {
  const { values } = reader
  const [source, ...others] = chain.sources
  const gather = values.writer(source)
  if (others.length > 0 || !isOp(gather, 'Gather')) return chain
  const [rows, indices] = gather.inputs.map(values.original)
  // A value cannot be read both as a whole and in parts.
  if (chain.sliced.has(rows) || chain.axes.has(rows) || chain.whole.has(indices)) return chain
  const isAlongRows = (gather.attributes.get('axis')?.numbers[0] ?? 0) === 0
  if (!isAlongRows || values.constant(indices)?.dims[0] !== chain.count) return chain
  const inside = new Set([...chain.nodes, ...findShapeReaders(reader, source)])
  if (!reader.isReadOnlyIn(source, inside)) return chain
  const sliced = new Map([...chain.sliced, [indices, 0] as const])
  return { ...chain, sources: new Set(), nodes: [gather, ...chain.nodes], sliced }
}

/** Whether a node divides the product with a matrix into heads. */
function isProjection(values: Values, reshape: GraphNode | undefined): boolean {
  const add = isOp(reshape, 'Reshape') ? values.writer(reshape.inputs[0]) : undefined
  const products = isOp(add, 'Add') ? add.inputs.map(values.writer) : []
  return products.some(product => isOp(product, 'MatMul') && values.constant(product.inputs[1]) !== undefined)
}
