import { encodeCopy, encodeNode } from './encode-node.ts'
import type { Replacement } from './encode-projection.ts'
import { encodeWholes } from './encode-tensor.ts'
import type { ExternalFiles } from './external.ts'
import { learnGraph } from './known-graph.ts'
import { matchWindows, type Windows } from './match-windows.ts'
import { isOp } from './pattern.ts'
import type { OnnxModel } from './read-model.ts'
import type { GraphNode } from './read-node.ts'
import type { Values } from './values.ts'
import type { Field } from './wire.ts'
import type { Piece } from './write-pieces.ts'

/** The first opset in which Softmax normalizes one axis, and Slice reads its axes as an input. */
const oldestOpset = 13

/**
 * Computes large attentions part by part (see `matchWindows`): each part has some of the windows. Each element is computed as
 * before, but the scores of one part are in memory at a time.
 *
 * @param bufferBytes maximum size of a buffer
 * @returns the replacement of the last node of each attention, and of each node that reads a shape inside
 */
export function splitWindows(
  { graph, opset }: OnnxModel,
  _: ExternalFiles,
  bufferBytes: number,
): Map<GraphNode, Replacement> {
  const replaced = new Map<GraphNode, Replacement>()
  if (opset < oldestOpset) return replaced
  const known = learnGraph(graph)
  const fields = new Map(graph.items.flatMap(({ node, field }) => (node ? [[node, field] as const] : [])))
  for (const softmax of graph.nodes.filter(node => isOp(node, 'Softmax'))) {
    const windows = matchWindows(known, softmax, bufferBytes)
    if (!windows) continue
    replaced.set(windows.nodes.at(-1)!, encodeParts(windows, known.reader.values, fields))
    for (const shape of windows.shapes) {
      const { dims } = known.find(shape.inputs[0])!
      replaced.set(shape, { inputs: [], pieces: [encodeWholes(shape.outputs[0], dims)] })
    }
  }
  return replaced
}

/**
 * ```
 * x ─┬► Slice ─► the nodes ─┬► Concat ─► result
 *    └► Slice ─► the nodes ─┘
 * ```
 */
function encodeParts(windows: Windows, values: Values, fields: Map<GraphNode, Field>): Replacement {
  const { sources, count, parts, nodes, axes, sliced } = windows
  const last = nodes.at(-1)!.outputs[0]
  const stem = `${last}/windows`
  const results = Array.from({ length: parts }, (_, part) => `${stem}/${part}/${last}`)
  const pieces: Piece[] = results.flatMap((_, part) => {
    const start = Math.floor((part * count) / parts)
    const end = Math.floor(((part + 1) * count) / parts)
    const rename = (value: string) => `${stem}/${part}/${value}`
    const sourceAxes = [...sources].map(source => [source, 0] as const)
    const slices = [...sourceAxes, ...sliced].flatMap(([value, axis]) =>
      encodeSlice(value, rename(value), axis, start, end),
    )
    return [...slices, ...encodePart(windows, rename, end - start, values, fields)]
  })
  const concat = { op: 'Concat', name: `${stem}/node/Concat`, inputs: results, outputs: [last] }
  pieces.push(encodeNode({ ...concat, attributes: { axis: axes.get(last)! } }))
  const outside = nodes.flatMap(node => node.inputs).filter(name => !axes.has(values.original(name)))
  return { inputs: [...sources, ...outside], pieces }
}

function encodeSlice(value: string, result: string, axis: number, start: number, end: number): Piece[] {
  const lists = { starts: start, ends: end, axes: axis }
  const names = Object.keys(lists).map(list => `${result}/${list}`)
  return [
    ...Object.values(lists).map((number, index) => encodeWholes(names[index], [number])),
    encodeNode({ op: 'Slice', name: `${result}/node/Slice`, inputs: [value, ...names], outputs: [result] }),
  ]
}

/** Encodes the nodes with the windows of a part. @param count number of these windows */
function encodePart(
  { nodes, axes, sliced, dims }: Windows,
  rename: (value: string) => string,
  count: number,
  values: Values,
  fields: Map<GraphNode, Field>,
): Piece[] {
  return nodes.flatMap(node => {
    const [output] = node.outputs
    const sizes = `${rename(output)}/sizes`
    const inputs = node.inputs.map(name => {
      const original = values.original(name)
      return axes.has(original) || sliced.has(original) ? rename(original) : name
    })
    const isReshape = isOp(node, 'Reshape')
    const read = isReshape ? [inputs[0], sizes] : inputs
    const name = rename(`node/${node.name || output}`)
    return [
      ...(isReshape ? [encodeWholes(sizes, dims.get(output)!.with(axes.get(output)!, count))] : []),
      encodeCopy(fields.get(node)!, { name, inputs: read, outputs: [rename(output)] }),
    ]
  })
}
