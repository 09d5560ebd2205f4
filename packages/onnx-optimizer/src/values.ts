import type { OnnxGraph } from './read-model.ts'
import { describeNode, type GraphNode } from './read-node.ts'
import { elementTypes, type Tensor } from './read-tensor.ts'
import { refuse } from './refusal.ts'
import { readNumbers } from './wire.ts'

/** The writers of values, and the constants. */
export interface Values {
  /** Returns the node that writes a value, looking through copies (Identity); undefined for inputs and constants. */
  writer(name: string): GraphNode | undefined
  /** Returns the value that this value is a copy of, or the value itself. */
  original(name: string): string
  /** Returns a constant: an initializer that no caller can override, or the value of a Constant node. */
  constant(name: string): Tensor | undefined
}

/**
 * Indexes the values of a graph.
 *
 * @throws {Refusal} if a value has two writers, or is read before it is written (as in a cycle)
 */
export function indexValues(graph: OnnxGraph): Values {
  const writers = new Map<string, GraphNode>()
  const known = new Set([...graph.inputs, ...graph.initializers.keys(), ''])
  for (const node of graph.nodes) {
    const unknown = node.inputs.find(name => !known.has(name))
    if (unknown !== undefined) refuse(`${describeNode(node)} reads ${unknown}, which no earlier node writes`)
    for (const name of node.outputs.filter(Boolean)) {
      if (known.has(name)) refuse(`${describeNode(node)} writes ${name}, which exists already`)
      known.add(name)
      writers.set(name, node)
    }
  }
  const original = (name: string) => {
    let copy = writers.get(name)
    for (; copy?.op === 'Identity' && copy.domain === ''; copy = writers.get(name))
      name = copy.inputs[0] ?? ''
    return name
  }
  const constant = (name: string) => {
    const source = original(name)
    const node = writers.get(source)
    if (node)
      return node.op === 'Constant' && node.domain === '' ? node.attributes.get('value')?.tensor : undefined
    return graph.inputs.has(source) ? undefined : graph.initializers.get(source)
  }
  return { original, constant, writer: name => writers.get(original(name)) }
}

/** Maximum length of a constant of whole numbers; the pattern's constants are shorter. */
const maxNumbers = 64

/** The elements of a small int64 tensor, or undefined if it is none. */
export function readInt64s(tensor: Tensor): number[] | undefined {
  const count = countElements(tensor)
  if (tensor.type !== elementTypes.int64 || tensor.external || count > maxNumbers) return undefined
  if (tensor.varints) return accept(readNumbers(tensor.varints), count)
  if (!tensor.raw || tensor.raw.end - tensor.raw.start !== count * 8) return undefined
  const bytes = tensor.raw.file.read(tensor.raw.start, tensor.raw.end)
  return Array.from({ length: count }, (_, index) => Number(bytes.readBigInt64LE(index * 8)))
}

/** The one element of a float32 tensor, or undefined if it is none or has more. */
export function readFloat(tensor: Tensor): number | undefined {
  const { type, external, raw } = tensor
  if (type !== elementTypes.float32 || external || !raw || countElements(tensor) !== 1) return undefined
  return raw.end - raw.start === 4 ? raw.file.read(raw.start, raw.end).readFloatLE() : undefined
}

/** Returns the number of elements. */
export function countElements({ dims }: Tensor): number {
  return dims.reduce((product, size) => product * size, 1)
}

function accept(numbers: number[], count: number): number[] | undefined {
  return numbers.length === count ? numbers : undefined
}
