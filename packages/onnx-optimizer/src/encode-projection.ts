import { encodeField } from './encode.ts'
import { encodeNode } from './encode-node.ts'
import { encodeTensor } from './encode-tensor.ts'
import type { ExternalFiles } from './external.ts'
import type { ProjectedConv, Projection } from './match-projection.ts'
import type { GraphNode } from './read-node.ts'
import { elementTypes, type Tensor } from './read-tensor.ts'
import { refuse } from './refusal.ts'
import { countElements } from './values.ts'
import { type Field, readFields, readMessage } from './wire.ts'
import type { Piece } from './write-pieces.ts'

/** What replaces a node. */
export interface Replacement {
  /** Values that the new nodes read. */
  inputs: string[]
  pieces: Piece[]
}

/**
 * Multiplies the weights of a projection into those of the convolutions before it. Both are linear, and a Resize is linear
 * in each channel, so it can come after the projection: it then enlarges few channels instead of many.
 *
 * ```
 * Conv (few channels) ► Resize ─┬► Sum
 * Conv (few channels) ──────────┘
 * ```
 *
 * Values keep their names, so that readers of their height and width read the same.
 *
 * @returns the replacement of each node
 */
export async function foldProjection(
  projection: Projection,
  items: Map<GraphNode, Field>,
  external: ExternalFiles,
): Promise<Map<GraphNode, Replacement>> {
  const { conv, parts } = projection
  const matrix = await readFloats(projection.weights, external)
  const offset = projection.bias ? await readFloats(projection.bias, external) : undefined
  const replaced = new Map<GraphNode, Replacement>()
  for (const [index, part] of parts.entries()) {
    const folded = await foldConv(part, projection, matrix, external)
    if (index === 0 && offset) for (const row of offset.keys()) folded.bias[row] += offset[row]
    replaced.set(part.conv, encodeConv(part.conv, folded, items.get(part.conv)!))
    if (part.resize) replaced.set(part.resize.node, encodeResize(part.resize, items.get(part.resize.node)!))
  }
  const inputs = parts.map(part => (part.resize?.node ?? part.conv).outputs[0])
  const sum = encodeNode({ op: 'Sum', name: conv.name, inputs, outputs: [conv.outputs[0]] })
  return replaced.set(conv, { inputs, pieces: [sum] })
}

/** Maximum size of weights that are read at once. */
const maxBytes = 2 ** 26

interface Folded {
  dims: number[]
  weights: Float32Array
  bias: Float32Array
}

/** Computes matrix · weights and matrix · bias in float64. */
async function foldConv(
  part: ProjectedConv,
  { weights: { dims } }: Projection,
  matrix: Float32Array,
  external: ExternalFiles,
): Promise<Folded> {
  const [rows, columns] = dims
  const [channels, ...rest] = part.weights.dims
  const weights = await readFloats(part.weights, external)
  const bias = part.bias ? await readFloats(part.bias, external) : new Float32Array(channels)
  const length = weights.length / channels
  const multiply = (row: number, numbers: Float32Array, index: number, stride: number) => {
    let sum = 0
    for (let channel = 0; channel < channels; channel++)
      sum += matrix[row * columns + part.start + channel] * numbers[channel * stride + index]
    return sum
  }
  return {
    dims: [rows, ...rest],
    weights: Float32Array.from({ length: rows * length }, (_, index) =>
      multiply(Math.floor(index / length), weights, index % length, length),
    ),
    bias: Float32Array.from({ length: rows }, (_, row) => multiply(row, bias, 0, 1)),
  }
}

function encodeConv(conv: GraphNode, { dims, weights, bias }: Folded, field: Field): Replacement {
  const [output] = conv.outputs
  const names = [`${output}/projected/weights`, `${output}/projected/bias`]
  return {
    inputs: [conv.inputs[0]],
    pieces: [
      ...encodeFloats(names[0], dims, weights),
      ...encodeFloats(names[1], [bias.length], bias),
      encodeInputs(field, [conv.inputs[0], ...names]),
    ],
  }
}

function encodeResize({ node, scales }: NonNullable<ProjectedConv['resize']>, field: Field): Replacement {
  const name = `${node.outputs[0]}/projected/scales`
  return {
    inputs: [node.inputs[0]],
    pieces: [
      ...encodeFloats(name, [scales.length], Float32Array.from(scales)),
      encodeInputs(field, [node.inputs[0], '', name]),
    ],
  }
}

/** Encodes a node of the file with other inputs. */
function encodeInputs(field: Field, inputs: string[]): Buffer {
  const kept = [...readFields(readMessage(field))].filter(({ number }) => number !== 1)
  const bodies = kept.map(({ whole: { file, start, end } }) => file.read(start, end))
  return encodeField(1, Buffer.concat([...inputs.map(name => encodeField(1, name)), ...bodies]))
}

function encodeFloats(name: string, dims: number[], floats: Float32Array): Piece[] {
  return encodeTensor(name, elementTypes.float32, dims, [Buffer.from(floats.buffer)])
}

async function readFloats(tensor: Tensor, external: ExternalFiles): Promise<Float32Array> {
  const span = tensor.external ? await external.locate(tensor) : tensor.raw
  const bytes = 4 * countElements(tensor)
  if (!span || span.end - span.start !== bytes) refuse(`the tensor ${tensor.name} is not stored as one block`)
  if (bytes > maxBytes) refuse(`the weights ${tensor.name} have ${bytes} bytes; expected at most ${maxBytes}`)
  const floats = new Float32Array(bytes / 4)
  span.file.readInto(new Uint8Array(floats.buffer), span.start)
  return floats
}
