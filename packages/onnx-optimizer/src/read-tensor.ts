import { refuse } from './refusal.ts'
import { type Field, readFields, readMessage, readNumbers, readText } from './wire.ts'
import type { Span } from './wire-file.ts'

/** TensorProto.DataType of the element types that the optimizer reads. */
export const elementTypes = { float32: 1, int32: 6, int64: 7, float16: 10 } as const

/** A tensor. Its elements stay in the file. */
export interface Tensor {
  name: string
  /** `TensorProto.DataType` */
  type: number
  dims: number[]
  /** Little-endian elements: `raw_data`, or `float_data`, which has the same bytes. */
  raw?: Span
  /** Elements as varints: `int64_data`; for float16 the bit patterns in `int32_data`. */
  varints?: Field
  /** Place of the elements in another file. */
  external?: ExternalData
  /** All fields, to be copied. */
  fields: Field[]
  /** First byte of the message in the file. */
  start: number
}

/** A place in a file next to the model. */
interface ExternalData {
  /** Path relative to the model's folder. */
  location: string
  offset: number
  /** Absent: up to the end of the file. */
  length?: number
}

/** Field numbers of TensorProto. */
export const tensorFields = { raw: 9, externalData: 13, dataLocation: 14 } as const

/** Maximum number of fields. A tensor exceeds it only if its elements are not packed. */
const maxFields = 4096

/**
 * Reads a TensorProto without its elements.
 *
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
export function readTensor(span: Span): Tensor {
  const tensor: Tensor = { name: '', type: 0, dims: [], fields: [], start: span.start }
  const places = new Map<string, string>()
  let outside = false
  for (const field of readFields(span)) {
    if (tensor.fields.push(field) > maxFields)
      refuse(`the tensor at byte ${span.start} has one field per element`)
    if (field.number === 1) tensor.dims.push(...readNumbers(field))
    if (field.number === 2) tensor.type = field.value
    if (field.number === 4 && tensor.type === elementTypes.float32) readElements(tensor, field)
    if (field.number === 5 && tensor.type === elementTypes.float16) readVarints(tensor, field)
    if (field.number === 7) readVarints(tensor, field)
    if (field.number === 8) tensor.name = readText(field)
    if (field.number === tensorFields.raw) readElements(tensor, field)
    if (field.number === tensorFields.externalData) places.set(...readEntry(readMessage(field)))
    if (field.number === tensorFields.dataLocation) outside = field.value === 1
  }
  if (tensor.dims.some(size => !Number.isSafeInteger(size) || size < 0)) {
    refuse(`the tensor ${tensor.name} has the shape [${tensor.dims}]`)
  }
  if (outside) tensor.external = readPlace(tensor.name, places)
  return tensor
}

function readElements(tensor: Tensor, field: Field): void {
  expectFirst(tensor, field)
  tensor.raw = readMessage(field)
}

function readVarints(tensor: Tensor, field: Field): void {
  expectFirst(tensor, field)
  tensor.varints = field
}

function expectFirst({ raw, varints }: Tensor, field: Field): void {
  if (raw || varints)
    refuse(`the tensor has its elements twice, the second time at byte ${field.whole.start}`)
}

function readEntry(span: Span): [key: string, value: string] {
  const texts = ['', '', '']
  for (const field of readFields(span)) if (field.number < 3) texts[field.number] = readText(field)
  return [texts[1], texts[2]]
}

function readPlace(name: string, places: Map<string, string>): ExternalData {
  const location = places.get('location')
  const offset = Number(places.get('offset') ?? 0)
  const length = places.has('length') ? Number(places.get('length')) : undefined
  if (!location || !isSize(offset) || !isSize(length ?? 0))
    refuse(`the tensor ${name} has no valid location in another file`)
  return { location, offset, length }
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}
