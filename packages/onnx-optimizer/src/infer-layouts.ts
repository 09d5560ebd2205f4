import { layerRules } from './infer-layers.ts'
import { numberRules } from './infer-numbers.ts'
import { type Layout, makeLayout } from './layout.ts'
import { moveRules } from './move-layout.ts'
import { isOp } from './pattern.ts'
import type { OnnxGraph } from './read-model.ts'
import { readFloat, readInt64s, type Values } from './values.ts'

const rules = new Map(Object.entries({ ...moveRules, ...numberRules, ...layerRules }))

/**
 * Finds shapes of values, and the numbers of short lists that are computed from shapes: PyTorch computes the sizes of a Reshape
 * and the pads of a Pad in the graph. The file tells the shapes of inputs and constants, and a Reshape to constant sizes tells
 * the shape of its result.
 *
 * @returns what is known of a value
 */
export function inferLayouts(graph: OnnxGraph, values: Values): (name: string) => Layout | undefined {
  const known = new Map<string, Layout>()
  const find = (name: string) => {
    const original = values.original(name)
    const layout = known.get(original) ?? readLayout(graph, values, original)
    if (layout) known.set(original, layout)
    return layout
  }
  for (const node of graph.nodes) {
    const rule = node.domain === '' ? rules.get(node.op) : undefined
    if (!rule) continue
    const inputs = node.inputs.map(find)
    for (const [index, name] of node.outputs.slice(0, isOp(node, 'Split') ? undefined : 1).entries()) {
      const layout = rule(node, inputs, index)
      if (layout) known.set(name, layout)
    }
  }
  return find
}

/** Returns what the file tells of a value. */
function readLayout(graph: OnnxGraph, values: Values, name: string): Layout | undefined {
  const constant = values.constant(name)
  if (!constant) return makeLayout(graph.shapes.get(name) ?? [Number.NaN], 1)
  const numbers = readInt64s(constant)
  const layout = makeLayout(constant.dims, 1, numbers && (() => Float64Array.from(numbers)))
  const float = constant.dims.length === 0 ? readFloat(constant) : undefined
  return layout && float !== undefined ? { ...layout, float } : layout
}
