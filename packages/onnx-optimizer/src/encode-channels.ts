import { encodeTensor } from './encode-tensor.ts'
import type { ExternalFiles } from './external.ts'
import { elementTypes, type Tensor } from './read-tensor.ts'
import { refuse } from './refusal.ts'
import { countElements } from './values.ts'
import type { Span } from './wire-file.ts'
import type { Piece } from './write-pieces.ts'

/** A range of channels. */
export interface ChannelRange {
  start: number
  count: number
}

/** Encodes the part of weights [outputs, inputs, …] that belongs to some input channels: one piece per output channel. */
export async function encodeInputChannels(
  name: string,
  weights: Tensor,
  { start, count }: ChannelRange,
  external: ExternalFiles,
): Promise<Piece[]> {
  const [outputs, all, ...kernel] = weights.dims
  const block = await locate(weights, external)
  const channelBytes = 4 * kernel.reduce((product, side) => product * side, 1)
  const rows = Array.from({ length: outputs }, (_, output): Span => {
    const from = block.start + (output * all + start) * channelBytes
    return { file: block.file, start: from, end: from + count * channelBytes }
  })
  return encodeTensor(name, elementTypes.float32, [outputs, count, ...kernel], rows)
}

/** Encodes the part of a tensor [outputs, …] that belongs to some output channels. */
export async function encodeOutputChannels(
  name: string,
  tensor: Tensor,
  { start, count }: ChannelRange,
  external: ExternalFiles,
): Promise<Piece[]> {
  const [outputs, ...rest] = tensor.dims
  const block = await locate(tensor, external)
  const bytes = (block.end - block.start) / outputs
  const from = block.start + start * bytes
  const span: Span = { file: block.file, start: from, end: from + count * bytes }
  return encodeTensor(name, elementTypes.float32, [count, ...rest], [span])
}

async function locate(tensor: Tensor, external: ExternalFiles): Promise<Span> {
  const span = tensor.external ? await external.locate(tensor) : tensor.raw
  if (span && span.end - span.start === 4 * countElements(tensor)) return span
  return refuse(`the weights ${tensor.name} are not stored as one block`)
}
