import { collectChain, type MoveChain } from './find-roll.ts'
import { findShapes } from './find-shapes.ts'
import { type Layout, makeLayout } from './layout.ts'
import { countPlaces } from './move-cells.ts'
import { moveRules } from './move-layout.ts'
import { isOp } from './pattern.ts'
import type { ConvReader } from './read-conv.ts'
import type { GraphNode } from './read-node.ts'
import { readFloat } from './values.ts'

/** How the rows of a value are moved. A row is as long as the last axis. */
export interface RowMoves {
  /** The value that is moved. */
  source: string
  /** Number of its rows. */
  rows: number
  /** Shape of the result, and for each of its rows: the row of the source, or `zeroCell`. */
  result: Required<Omit<Layout, 'float'>>
  /** Nodes that read the shape of a value between. */
  shapes: GraphNode[]
}

/** Maximum number of rows that are moved in a graph, counted at each node. */
const maxRows = 2 ** 25

/**
 * Matches chains of nodes that move rows, with a roll among them, as PyTorch exports Swin's shifted windows:
 *
 * ```
 * x ─► Reshape ─► Pad ─┬► Slice ─► Concat ─┬► Slice ─► Concat ─► Reshape ─► Transpose ─► Reshape ─► windows
 *                      └► Slice ───▲       └► Slice ───▲
 * windows ─► Reshape ─► Transpose ─► Reshape ─┬► Slice ─► Concat ─┬► Slice ─► Concat ─► Slice ─► Reshape ─► x
 *                                             └► Slice ───▲       └► Slice ───▲
 * ```
 *
 * Each node moves the numbers of the rows. So the order and the number of the nodes do not matter.
 */
export class RollMatcher {
  readonly #reader: ConvReader
  readonly #find: (name: string) => Layout | undefined
  readonly #order: Map<GraphNode, number>
  #left = maxRows

  /**
   * @param find returns what is known of a value
   * @param order place of each node in the file
   */
  constructor(reader: ConvReader, find: (name: string) => Layout | undefined, order: Map<GraphNode, number>) {
    this.#reader = reader
    this.#find = find
    this.#order = order
  }

  /**
   * Matches the chain that ends with a node.
   *
   * @returns undefined if anything differs: a size is dynamic, a row is divided, another node reads a value between
   */
  match(last: GraphNode): RowMoves | undefined {
    const chain = collectChain(this.#reader, last, this.#order)
    const shapes = chain && findShapes(this.#reader, chain.nodes)
    const moved = shapes && this.#moveRows(chain)
    return moved && { source: chain.source, ...moved, shapes }
  }

  #moveRows({ nodes, source, first }: MoveChain): Pick<RowMoves, 'rows' | 'result'> | undefined {
    // The shape after the first Reshape is known in more cases than the one before, and tells the length of the rows.
    const start = first.length === 1 && isOp(first[0], 'Reshape') ? first[0].outputs[0] : source
    const { dims } = this.#find(start) ?? {}
    const unit = dims?.at(-1) ?? 0
    if (!dims || unit < 2) return undefined
    const rows = countPlaces(dims) / unit
    if (rows > this.#left) return undefined
    const numbers = makeLayout(dims, unit, () => new Float64Array(rows).map((_, row) => row))
    const layouts = new Map([[start, numbers]])
    for (const node of nodes) {
      const [name] = node.outputs
      if (name === start) continue
      if (isOp(node, 'Pad') && !this.#isZero(node.inputs[2])) return undefined
      const inputs = node.inputs.map(input => layouts.get(input) ?? this.#find(input))
      const layout = moveRules[node.op](node, inputs, 0)
      this.#left -= layout?.cells?.length ?? 0
      if (!layout?.cells || this.#left < 0) return undefined
      layouts.set(name, layout)
    }
    const result = layouts.get(nodes.at(-1)!.outputs[0])
    return result?.cells && { rows, result: { ...result, cells: result.cells } }
  }

  /** Whether a Pad adds 0, which is the default. */
  #isZero(name = ''): boolean {
    const value = this.#reader.values.constant(name)
    return name === '' || (value !== undefined && Object.is(readFloat(value), 0))
  }
}
