import { findSize, type Shapes } from './find-size.ts'
import { isOp } from './pattern.ts'
import { isPlain } from './plain-conv.ts'
import type { OnnxGraph } from './read-model.ts'
import type { GraphNode } from './read-node.ts'
import { elementTypes, type Tensor } from './read-tensor.ts'
import { readInt64s, type Values } from './values.ts'

/** A 1×1 convolution to few channels, whose input comes from other convolutions. */
export interface Projection {
  /** The 1×1 convolution. */
  conv: GraphNode
  weights: Tensor
  bias?: Tensor
  parts: ProjectedConv[]
}

/** A convolution whose output is only projected. */
export interface ProjectedConv {
  conv: GraphNode
  weights: Tensor
  bias?: Tensor
  /** First channel of this part in the projection's input. */
  start: number
  /** The enlargement between the convolution and the projection, and its factors [1, 1, y, x]. */
  resize?: { node: GraphNode; scales: number[] }
}

/** Modes in which the position of a pixel depends on sizes only, and the weights of each pixel add up to 1. */
const resizeModes = ['align_corners', 'half_pixel', 'pytorch_half_pixel', 'asymmetric']

/** Matches projections. A projection that differs in any way from the pattern is left out. */
export class ProjectionMatcher {
  readonly #graph: OnnxGraph
  readonly #values: Values
  readonly #shapes: Shapes
  readonly #readers: Map<string, GraphNode[]>

  constructor(graph: OnnxGraph, values: Values, shapes: Shapes, readers: Map<string, GraphNode[]>) {
    this.#graph = graph
    this.#values = values
    this.#shapes = shapes
    this.#readers = readers
  }

  /**
   * Matches the pattern that ends in a projection. At least one part is enlarged, so that the projection saves work.
   *
   * ```
   * Conv ► Resize (linear) ─┬► Concat ► Conv (1×1, few channels)
   * Conv ───────────────────┘
   * ```
   */
  match(conv: GraphNode): Projection | undefined {
    const layer = this.#readConv(conv)
    if (!layer || `${layer.weights.dims.slice(2)}` !== '1,1' || !isPlain(conv, [0, 0, 0, 0])) return undefined
    const [few, channels] = layer.weights.dims
    const parts: ProjectedConv[] = []
    let start = 0
    for (const name of this.#findParts(conv)) {
      const part = this.#matchPart(name, start)
      if (!part || part.weights.dims[0] <= few) return undefined
      parts.push(part)
      start += part.weights.dims[0]
    }
    return start === channels && parts.some(({ resize }) => resize) ? { conv, ...layer, parts } : undefined
  }

  #findParts(conv: GraphNode): string[] {
    const concat = this.#values.writer(conv.inputs[0])
    if (!isOp(concat, 'Concat')) return [conv.inputs[0]]
    const isAlone = this.#isReadOnlyBy(concat.outputs[0], conv)
    return isAlone && concat.attributes.get('axis')?.numbers[0] === 1 ? concat.inputs : []
  }

  #matchPart(name: string, start: number): ProjectedConv | undefined {
    const writer = this.#graph.initializers.has(name) ? undefined : this.#values.writer(name)
    if (!writer || writer.outputs[0] !== name || !this.#isReadForSize(name)) return undefined
    if (isOp(writer, 'Conv')) return this.#matchConv(writer, start)
    const scales = isOp(writer, 'Resize') ? this.#readScales(writer) : undefined
    const conv = this.#values.writer(writer.inputs[0])
    if (!scales || !isOp(conv, 'Conv') || conv.outputs[0] !== writer.inputs[0]) return undefined
    if (!this.#isReadForSize(conv.outputs[0])) return undefined
    const part = this.#matchConv(conv, start)
    return part && { ...part, resize: { node: writer, scales } }
  }

  #matchConv(conv: GraphNode, start: number): ProjectedConv | undefined {
    const layer = this.#readConv(conv)
    return layer && { conv, ...layer, start }
  }

  /** Reads float32 weights and bias of a convolution with one group. */
  #readConv(conv: GraphNode): { weights: Tensor; bias?: Tensor } | undefined {
    const weights = this.#values.constant(conv.inputs[1])
    const bias = conv.inputs[2] ? this.#values.constant(conv.inputs[2]) : undefined
    const isRead = (tensor: Tensor | undefined) => tensor?.type === elementTypes.float32
    if (weights?.dims.length !== 4 || !isRead(weights)) return undefined
    if ((conv.inputs[2] && !isRead(bias)) || (conv.attributes.get('group')?.numbers[0] ?? 1) !== 1)
      return undefined
    return { weights, bias }
  }

  /** Returns the factors of an enlargement to a known size. */
  #readScales(resize: GraphNode): number[] | undefined {
    const { attributes, inputs } = resize
    const mode = attributes.get('coordinate_transformation_mode')?.text ?? 'half_pixel'
    const others = ['antialias', 'axes', 'exclude_outside', 'keep_aspect_ratio_policy']
    if (attributes.get('mode')?.text !== 'linear' || !resizeModes.includes(mode)) return undefined
    if (others.some(name => attributes.has(name)) || inputs[1] || inputs[2]) return undefined
    const from = findSize(this.#shapes, this.#values, inputs[0])
    const to = findSize(this.#shapes, this.#values, resize.outputs[0])
    if (!from || !to) return undefined
    const scales = to.map((side, axis) => Math.fround(side / from[axis]))
    const fits = scales.every(
      (scale, axis) => scale > 1 && Math.floor(Math.fround(scale * from[axis])) === to[axis],
    )
    return fits ? [1, 1, ...scales] : undefined
  }

  #isReadOnlyBy(name: string, reader: GraphNode): boolean {
    const readers = this.#readers.get(name) ?? []
    return readers.length === 1 && readers[0] === reader && !this.#graph.outputs.includes(name)
  }

  /** Whether a value has one reader, besides readers of its batch size, height and width. */
  #isReadForSize(name: string): boolean {
    const others = (this.#readers.get(name) ?? []).filter(reader => !this.#readsSize(reader))
    return others.length === 1 && !this.#graph.outputs.includes(name)
  }

  /** Whether a node reads a shape, but not the number of channels, except to tell a Resize to keep it. */
  #readsSize(shape: GraphNode): boolean {
    if (!isOp(shape, 'Shape') || shape.attributes.size > 0) return false
    return (this.#readers.get(shape.outputs[0]) ?? []).every(reader => {
      const index = this.#values.constant(reader.inputs[1])
      if (isOp(reader, 'Gather'))
        return index !== undefined && [0, 2, 3].includes(readInt64s(index)?.[0] ?? 1)
      return isOp(reader, 'Slice') && this.#tellsResize(reader)
    })
  }

  #tellsResize(slice: GraphNode): boolean {
    const [concat, ...others] = this.#readers.get(slice.outputs[0]) ?? []
    if (others.length > 0 || !isOp(concat, 'Concat') || concat.inputs[0] !== slice.outputs[0]) return false
    const shape = this.#values.writer(slice.inputs[0])
    return (this.#readers.get(concat.outputs[0]) ?? []).every(
      reader => isOp(reader, 'Resize') && reader.inputs[0] === shape?.inputs[0],
    )
  }
}
