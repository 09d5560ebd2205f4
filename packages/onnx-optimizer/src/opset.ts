import { describeNode, type GraphNode } from './read-node.ts'
import { refuse } from './refusal.ts'

/** The first opset with DeformConv. */
export const deformConvOpset = 19

/** In earlier opsets more operators differ from opset 19 than are checked here. */
const oldestOpset = 17

/** Axes are an attribute up to opset 17, and an input from opset 18 on. */
const reductions = /^Reduce(L1|L2|LogSum|LogSumExp|Max|Mean|Min|Prod|SumSquare)$/

/**
 * Checks that a graph of an earlier opset means the same in opset 19: it must have no operator whose meaning changed in
 * 18 or 19. Operators that were only extended (Pad, Resize, Cast and others) are fine.
 *
 * @throws {Refusal} that names the node
 * @see https://github.com/onnx/onnx/blob/main/docs/Changelog.md
 */
export function expectRaisable(opset: number, nodes: GraphNode[]): void {
  if (opset >= deformConvOpset) return
  if (opset < oldestOpset)
    refuse(
      `the graph has opset ${opset}, but only opsets from ${oldestOpset} on can be raised to ${deformConvOpset}`,
    )
  for (const node of nodes) {
    const changed = describeChange(node)
    if (changed) refuse(`${describeNode(node)} ${changed} in opset ${deformConvOpset}`)
  }
}

function describeChange({ op, domain, attributes, inputs, hasInner }: GraphNode): string | undefined {
  if (hasInner) return 'contains a graph, which may have another meaning'
  if (domain !== '') return undefined
  if (reductions.test(op) && attributes.has('axes')) return 'takes its axes as an input'
  if (op === 'Split' && !inputs[1]) return 'needs the number of its outputs'
  if (op === 'AveragePool' && attributes.get('ceil_mode')?.numbers[0])
    return 'counts differently at the border'
  return undefined
}
