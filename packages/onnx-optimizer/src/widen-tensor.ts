import { encodeField, encodeHead } from './encode.ts'
import type { ExternalFiles } from './external.ts'
import { widenFloat16 } from './float16.ts'
import { widenSource } from './piece-source.ts'
import { elementTypes, type Tensor, tensorFields } from './read-tensor.ts'
import { refuse } from './refusal.ts'
import { countElements } from './values.ts'
import { readNumbers } from './wire.ts'
import { WireFile } from './wire-file.ts'
import { countBytes, type Piece } from './write-pieces.ts'

/**
 * Returns the body of a TensorProto with float32 elements for a float16 tensor.
 *
 * @throws {Refusal} if the number of elements does not match the shape
 */
export async function encodeWidened(tensor: Tensor, external: ExternalFiles): Promise<Piece[]> {
  const elements = await widenElements(tensor, external)
  const bytes = countBytes([elements])
  if (bytes !== 4 * countElements(tensor))
    refuse(`the tensor ${tensor.name} has ${bytes / 4} elements, but the shape [${tensor.dims}]`)
  return [
    ...tensor.dims.map(size => encodeField(1, size)),
    encodeField(2, elementTypes.float32),
    encodeField(8, tensor.name),
    encodeHead(tensorFields.raw, bytes),
    elements,
  ]
}

async function widenElements(tensor: Tensor, external: ExternalFiles): Promise<Piece> {
  if (tensor.varints) {
    const floats = widenFloat16(Uint16Array.from(readNumbers(tensor.varints)))
    return Buffer.from(floats.buffer)
  }
  const span = tensor.external ? await external.locate(tensor) : tensor.raw
  if (!span) return Buffer.alloc(0)
  const file = new WireFile(widenSource(span))
  return { file, start: 0, end: file.size }
}
