import { encodeField, encodeHead } from './encode.ts'
import type { Replacement } from './encode-projection.ts'
import { type ExternalFiles, inlineTensor } from './external.ts'
import { deformConvOpset } from './opset.ts'
import type { Needed } from './prune.ts'
import type { GraphItem, OnnxModel } from './read-model.ts'
import { describeNode, type GraphNode } from './read-node.ts'
import { refuse } from './refusal.ts'
import { countBytes, type Piece } from './write-pieces.ts'

/** What to keep and what to replace. */
export interface RewritePlan {
  needed: Needed
  outputs: readonly string[]
  replaced: Map<GraphNode, Replacement>
  /** Whether the opset becomes that of native deformable convolutions, unless it is higher. */
  isRaised: boolean
}

/** Maximum size of a protobuf message. */
const maxBytes = 2 ** 31 - 1

/**
 * Assembles the new model from the parts that are kept and the new nodes.
 *
 * @throws {Refusal} if it is too large for one file
 */
export async function assembleModel(
  model: OnnxModel,
  plan: RewritePlan,
  external: ExternalFiles,
): Promise<Piece[]> {
  const items: Piece[] = []
  for (const item of model.graph.items) {
    if (isKept(item, model, plan)) items.push(...(await assembleItem(item, plan, external)))
  }
  const raise = plan.isRaised && model.opset < deformConvOpset
  const pieces = model.fields.flatMap((field): Piece[] => {
    if (field.number === 7) return [encodeHead(7, countBytes(items)), ...items]
    return raise && field === model.opsetField
      ? [encodeField(8, encodeField(2, deformConvOpset))]
      : [field.whole]
  })
  if (countBytes(pieces) > maxBytes)
    refuse(`the model would have ${countBytes(pieces)} bytes, but a protobuf file has at most ${maxBytes}`)
  return pieces
}

/** Whether an item is kept, unchanged or replaced. */
export function isKept(
  { field, node, named }: GraphItem,
  { graph }: OnnxModel,
  { needed, outputs }: RewritePlan,
): boolean {
  if (node) return needed.nodes.has(node)
  if (field.number === 12) return outputs.includes(named!)
  return named === undefined || needed.names.has(named) || graph.inputs.has(named)
}

async function assembleItem(
  { field, node, tensor }: GraphItem,
  { replaced }: RewritePlan,
  external: ExternalFiles,
): Promise<Piece[]> {
  const replacement = node && replaced.get(node)
  if (replacement) return replacement.pieces
  if (node?.hasExternal) refuse(`${describeNode(node)} has a tensor in another file`)
  if (!tensor?.external) return [field.whole]
  const body = inlineTensor(tensor, await external.locate(tensor))
  return [encodeHead(field.number, countBytes(body)), ...body]
}
