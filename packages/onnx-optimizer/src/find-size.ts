import { isOp } from './pattern.ts'
import { isPlain } from './plain-conv.ts'
import type { GraphNode } from './read-node.ts'
import { readInt64s, type Values } from './values.ts'

/** Operators whose result has the height and width of their first input. */
const sizeKeeping = ['Relu', 'Sigmoid', 'BatchNormalization', 'Identity', 'Concat', 'Add', 'Mul']

/** Known shapes by name; NaN for a dynamic size. */
export type Shapes = ReadonlyMap<string, readonly number[]>

/** Maximum number of nodes between a value and the node that tells its size. */
const maxSteps = 64

/**
 * Finds height and width of a value [batch, channels, height, width]: follows operators that keep the size, up to a Resize
 * or a value with a known shape. For Add and Mul one side is enough, unless it is one pixel high or wide: the other side has
 * the same size, or is spread to it.
 *
 * @returns undefined if the size is unknown
 */
export function findSize(shapes: Shapes, values: Values, name: string): [number, number] | undefined {
  const waiting = [name]
  for (let step = 0; step < maxSteps && waiting.length > 0; step++) {
    const current = waiting.pop()!
    const node = values.writer(current)
    const size = accept(shapes.get(current)?.slice(2)) ?? accept(node && readTarget(values, node))
    if (size) return size
    if (node) waiting.push(...followSize(values, node).reverse())
  }
  return undefined
}

/** Returns the inputs of a node that have the size of its result. */
function followSize(values: Values, node: GraphNode): string[] {
  if (isOp(node, 'Conv') || isOp(node, 'DeformConv')) {
    const [, , height, width] = values.constant(node.inputs[1])?.dims ?? []
    const pads = [(height - 1) / 2, (width - 1) / 2]
    return isPlain(node, [...pads, ...pads]) ? [node.inputs[0]] : []
  }
  if (node.domain !== '' || !sizeKeeping.includes(node.op)) return []
  if (node.op === 'Concat' && node.attributes.get('axis')?.numbers[0] !== 1) return []
  return node.op === 'Add' || node.op === 'Mul' ? node.inputs : [node.inputs[0]]
}

/** Returns the height and width that a Resize is told. */
function readTarget(values: Values, resize: GraphNode): number[] | undefined {
  if (!isOp(resize, 'Resize') || !resize.inputs[3] || resize.attributes.has('axes')) return undefined
  if ((resize.attributes.get('keep_aspect_ratio_policy')?.text ?? 'stretch') !== 'stretch') return undefined
  const constant = values.constant(resize.inputs[3])
  if (constant) return readInt64s(constant)?.slice(2)
  const concat = values.writer(resize.inputs[3])
  if (!isOp(concat, 'Concat') || concat.inputs.length !== 2) return undefined
  const sizes = values.constant(concat.inputs[1])
  return sizes && readInt64s(sizes)
}

/** Accepts two sides of more than one pixel. */
function accept(sides: readonly number[] | undefined): [number, number] | undefined {
  if (sides?.length !== 2 || !sides.every(side => side > 1)) return undefined
  return [sides[0], sides[1]]
}
