import type { Replacement } from './encode-projection.ts'
import { encodeWideConcat, encodeWideMiddle } from './encode-wide.ts'
import type { ExternalFiles } from './external.ts'
import { indexReaders } from './find-sites.ts'
import { matchWideConcat } from './match-wide-concat.ts'
import { matchWideMiddle } from './match-wide-middle.ts'
import { isOp } from './pattern.ts'
import { ConvReader } from './read-conv.ts'
import type { OnnxModel } from './read-model.ts'
import type { GraphNode } from './read-node.ts'
import { indexValues } from './values.ts'

/**
 * Splits convolutions by their input channels, so that a value with many channels is never in memory as a whole (see
 * `matchWideConcat` and `matchWideMiddle`).
 *
 * @returns the replacement of each node that changes
 */
export async function splitConvs(
  { graph }: OnnxModel,
  external: ExternalFiles,
): Promise<Map<GraphNode, Replacement>> {
  const reader = new ConvReader(graph, indexValues(graph), indexReaders(graph.nodes))
  const fields = new Map(graph.items.flatMap(({ node, field }) => (node ? [[node, field] as const] : [])))
  const replaced = new Map<GraphNode, Replacement>()
  for (const conv of graph.nodes.filter(node => isOp(node, 'Conv'))) {
    const concat = matchWideConcat(reader, conv)
    if (concat) replaced.set(conv, await encodeWideConcat(conv, concat, external))
    const middle = matchWideMiddle(reader, conv)
    if (middle) replaced.set(conv, await encodeWideMiddle(conv, middle, fields, external))
  }
  return replaced
}
