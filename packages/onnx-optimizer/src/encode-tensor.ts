import { encodeField, encodeHead } from './encode.ts'
import { elementTypes, tensorFields } from './read-tensor.ts'
import { countBytes, type Piece } from './write-pieces.ts'

/** Encodes a constant as a field of the graph. @param type `TensorProto.DataType` @param elements little-endian */
export function encodeTensor(name: string, type: number, dims: number[], elements: Piece[]): Piece[] {
  const body = [
    ...dims.map(size => encodeField(1, size)),
    encodeField(2, type),
    encodeField(8, name),
    encodeHead(tensorFields.raw, countBytes(elements)),
    ...elements,
  ]
  return [encodeHead(5, countBytes(body)), ...body]
}

/** Encodes a constant list of whole numbers. */
export function encodeWholes(name: string, numbers: readonly number[]): Buffer {
  const elements = Buffer.from(BigInt64Array.from(numbers, BigInt).buffer)
  return Buffer.concat(encodeTensor(name, elementTypes.int64, [numbers.length], [elements]) as Buffer[])
}
