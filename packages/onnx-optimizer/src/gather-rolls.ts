import { encodeNode } from './encode-node.ts'
import type { Replacement } from './encode-projection.ts'
import { encodeTensor, encodeWholes } from './encode-tensor.ts'
import { findRollEnd } from './find-roll.ts'
import { learnGraph } from './known-graph.ts'
import { zeroCell } from './layout.ts'
import { RollMatcher, type RowMoves } from './match-roll.ts'
import type { OnnxModel } from './read-model.ts'
import type { GraphNode } from './read-node.ts'
import { elementTypes } from './read-tensor.ts'

/** The first opset in which all nodes of the chains read their sizes and axes as inputs. */
const oldestOpset = 13

/**
 * Gathers the rows of shifted windows at once (see `RollMatcher`), and back. The values are the same: they are only moved.
 *
 * @returns the replacement of the last node of each chain, and of each node that reads a shape between
 */
export function gatherRolls({ graph, opset }: OnnxModel): Map<GraphNode, Replacement> {
  const replaced = new Map<GraphNode, Replacement>()
  if (opset < oldestOpset) return replaced
  const { reader, find, order } = learnGraph(graph)
  const matcher = new RollMatcher(reader, find, order)
  for (const last of new Set(graph.nodes.flatMap(node => findRollEnd(reader, node) ?? []))) {
    const moves = matcher.match(last)
    if (!moves) continue
    replaced.set(last, encodeGather(last, moves))
    for (const shape of moves.shapes) {
      const { dims } = find(shape.inputs[0])!
      replaced.set(shape, { inputs: [], pieces: [encodeWholes(shape.outputs[0], dims)] })
    }
  }
  return replaced
}

/**
 * ```
 * x ─► Reshape [rows, channels] ─► Pad by a row of zeros, if any is needed ─► Gather ─► result
 * ```
 */
function encodeGather(last: GraphNode, { source, rows, result }: RowMoves): Replacement {
  const name = (value: string) => `${last.outputs[0]}/rows/${value}`
  const step = (op: string, inputs: string[], output = name(op)) =>
    encodeNode({ op, name: name(`node/${op}`), inputs, outputs: [output] })
  const hasZeros = result.cells.includes(zeroCell)
  const indices = Int32Array.from(result.cells, row => (row === zeroCell ? rows : row))
  const pieces = [
    encodeWholes(name('shape'), [rows, result.unit]),
    ...encodeTensor(name('indices'), elementTypes.int32, result.dims.slice(0, -1), [
      Buffer.from(indices.buffer),
    ]),
    step('Reshape', [source, name('shape')]),
    ...(hasZeros
      ? [encodeWholes(name('pads'), [0, 0, 1, 0]), step('Pad', [name('Reshape'), name('pads')])]
      : []),
    step('Gather', [name(hasZeros ? 'Pad' : 'Reshape'), name('indices')], last.outputs[0]),
  ]
  return { inputs: [source], pieces }
}
