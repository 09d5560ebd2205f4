import { isOp } from './pattern.ts'
import type { OnnxGraph } from './read-model.ts'
import type { GraphNode } from './read-node.ts'
import { elementTypes, type Tensor } from './read-tensor.ts'
import type { Values } from './values.ts'

/** ONNX Runtime computes convolutions in blocks of this many channels: other parts would be padded. */
export const channelBlock = 16

/** The constants of a convolution. */
export interface ConvLayer {
  /** float32 [output channels, input channels, height, width] */
  weights: Tensor
  /** float32 [output channels] */
  bias?: Tensor
}

/** Reads convolutions with one group and constant float32 weights, and finds readers of values. */
export class ConvReader {
  readonly values: Values
  readonly #graph: OnnxGraph
  readonly #readers: Map<string, GraphNode[]>

  constructor(graph: OnnxGraph, values: Values, readers: Map<string, GraphNode[]>) {
    this.values = values
    this.#graph = graph
    this.#readers = readers
  }

  /** Returns the constants, or undefined if a node is no such convolution. */
  read(conv: GraphNode | undefined): ConvLayer | undefined {
    if (!isOp(conv, 'Conv') || (conv.attributes.get('group')?.numbers[0] ?? 1) !== 1) return undefined
    const weights = this.#constant(conv.inputs[1])
    const bias = conv.inputs[2] ? this.#constant(conv.inputs[2]) : undefined
    if (weights?.dims.length !== 4 || (conv.inputs[2] && !bias)) return undefined
    return { weights, bias }
  }

  /** Returns the nodes that read a value. */
  readersOf(name: string): readonly GraphNode[] {
    return this.#readers.get(name) ?? []
  }

  /** Whether a value is an output of the graph. */
  isOutput(name: string): boolean {
    return this.#graph.outputs.includes(name)
  }

  /** Whether a value has one reader and is no output of the graph. */
  isReadOnlyBy(name: string, reader: GraphNode): boolean {
    const readers = this.readersOf(name)
    return readers.length === 1 && readers[0] === reader && !this.isOutput(name)
  }

  /** Whether all readers of a value are among these nodes, and the value is no output of the graph. */
  isReadOnlyIn(name: string, nodes: Set<GraphNode>): boolean {
    return this.readersOf(name).every(node => nodes.has(node)) && !this.isOutput(name)
  }

  /** Whether a value is a constant of float32. */
  isFloat(name: string): boolean {
    return this.#constant(name) !== undefined
  }

  #constant(name: string): Tensor | undefined {
    const tensor = this.values.constant(name)
    return tensor?.type === elementTypes.float32 ? tensor : undefined
  }
}
