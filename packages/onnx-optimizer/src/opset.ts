import { describeNode, type GraphNode } from './read-node.ts'
import { refuse } from './refusal.ts'

/** The first version of ONNX's operators that has DeformConv. */
export const deformConvOpset = 19

/** In earlier versions more operators differ from version 19 than are listed here. */
const oldestOpset = 17

/** Their axes were an attribute up to version 17, and are an input from version 18 on. */
const reductions = /^Reduce(L1|L2|LogSum|LogSumExp|Max|Mean|Min|Prod|SumSquare)$/

/**
 * Makes sure that a graph of an earlier version means the same in version 19: that it has no operator which was changed
 * in 18 or 19 so that what was right became wrong. What only learned new things (Pad, Resize, Cast and others) is fine.
 *
 * @throws {Refusal} naming the node that does not
 * @see https://github.com/onnx/onnx/blob/main/docs/Changelog.md
 */
export function expectRaisable(opset: number, nodes: GraphNode[]): void {
  if (opset >= deformConvOpset) return
  if (opset < oldestOpset)
    refuse(
      `the graph is written for opset ${opset}, and only ${oldestOpset} and later can become ${deformConvOpset}`,
    )
  for (const node of nodes) {
    const changed = describeChange(node)
    if (changed) refuse(`${describeNode(node)} ${changed} in opset ${deformConvOpset}`)
  }
}

function describeChange({ op, domain, attributes, inputs, hasInner }: GraphNode): string | undefined {
  if (hasInner) return 'has a graph within it that may mean something else'
  if (domain !== '') return undefined
  if (reductions.test(op) && attributes.has('axes')) return 'would have to name its axes otherwise'
  if (op === 'Split' && !inputs[1]) return 'would have to name the number of its parts'
  if (op === 'AveragePool' && attributes.get('ceil_mode')?.numbers[0]) return 'counts otherwise at the border'
  return undefined
}
