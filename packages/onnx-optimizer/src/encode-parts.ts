import { encodeCopy, encodeNode } from './encode-node.ts'
import type { Replacement } from './encode-projection.ts'
import { encodeWholes } from './encode-tensor.ts'
import { isOp } from './pattern.ts'
import type { GraphNode } from './read-node.ts'
import type { Values } from './values.ts'
import type { Field } from './wire.ts'
import type { Piece } from './write-pieces.ts'

/** Nodes that compute each place of an axis for itself. */
export interface PartChain {
  /** The values that the nodes depend on. */
  sources: ReadonlySet<string>
  /** Number of places of the axis. */
  count: number
  /** In the order of the file. Only the result of the last one is read by other nodes. */
  nodes: GraphNode[]
  /** By name: the axis in each value. Has the sources and the results of the nodes. */
  axes: Map<string, number>
  /** The same for values of other nodes that have a place for each place of the axis, such as the mask of shifted windows. */
  sliced: Map<string, number>
  /** Shapes of the results. */
  dims: Map<string, readonly number[]>
}

/** Nodes that compute each place of an axis for itself. */
export interface Parts extends PartChain {
  /** Number of parts in which the nodes are computed. */
  parts: number
}

/**
 * Computes nodes in parts of an axis:
 *
 * ```
 * x ─┬► Slice ─► the nodes ─┬► Concat ─► result
 *    └► Slice ─► the nodes ─┘
 * ```
 *
 * @param label part of the names of the new values
 */
export function encodeParts(
  chain: Parts,
  label: string,
  values: Values,
  fields: ReadonlyMap<GraphNode, Field>,
): Replacement {
  const { sources, count, parts, nodes, axes, sliced } = chain
  const last = nodes.at(-1)!.outputs[0]
  const stem = `${last}/${label}`
  const results = Array.from({ length: parts }, (_, part) => `${stem}/${part}/${last}`)
  const pieces: Piece[] = results.flatMap((_, part) => {
    const start = Math.floor((part * count) / parts)
    const end = Math.floor(((part + 1) * count) / parts)
    const rename = (value: string) => `${stem}/${part}/${value}`
    const sourceAxes = [...sources].map(source => [source, axes.get(source)!] as const)
    const slices = [...sourceAxes, ...sliced].flatMap(([value, axis]) =>
      encodeSlice(value, rename(value), axis, start, end),
    )
    return [...slices, ...encodePart(chain, rename, end - start, values, fields)]
  })
  const concat = { op: 'Concat', name: `${stem}/node/Concat`, inputs: results, outputs: [last] }
  pieces.push(encodeNode({ ...concat, attributes: { axis: axes.get(last)! } }))
  // The parts of a Reshape have sizes of their own.
  const read = nodes.flatMap(node => (isOp(node, 'Reshape') ? node.inputs.slice(0, 1) : node.inputs))
  const outside = read.filter(name => !axes.has(values.original(name)))
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

/** Encodes the nodes for one part. @param count number of its places */
function encodePart(
  { nodes, axes, sliced, dims }: Parts,
  rename: (value: string) => string,
  count: number,
  values: Values,
  fields: ReadonlyMap<GraphNode, Field>,
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
