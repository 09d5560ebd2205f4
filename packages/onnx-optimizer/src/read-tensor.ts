import { refuse } from './refusal.ts'
import { type Field, readFields, readMessage, readNumbers, readText } from './wire.ts'
import type { Span } from './wire-file.ts'

/** Element types by ONNX's number: the two that the pattern's constants have. */
export const elementTypes = { float32: 1, int64: 7 } as const

/** A tensor of the file. Its elements stay where they lie. */
export interface Tensor {
  name: string
  /** `TensorProto.DataType` */
  type: number
  dims: number[]
  /** Elements as they lie in memory, little-endian: `raw_data`, or `float_data`, which is the same bytes. */
  raw?: Span
  /** Elements as varints: `int64_data`. */
  varints?: Field
  /** Where the elements lie in another file. */
  external?: ExternalData
  /** Every field, to be copied. */
  fields: Field[]
}

/** A place in a file beside the model. */
interface ExternalData {
  /** Path from the model's folder. */
  location: string
  offset: number
  /** Absent: to the end of the file. */
  length?: number
}

/** Numbers of TensorProto's fields. */
export const tensorFields = { raw: 9, externalData: 13, dataLocation: 14 } as const

/** More fields than a tensor has: elements written one by one, each with a tag of its own. */
const maxFields = 4096

/**
 * Reads a TensorProto but for its elements.
 *
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
export function readTensor(span: Span): Tensor {
  const tensor: Tensor = { name: '', type: 0, dims: [], fields: [] }
  const places = new Map<string, string>()
  let outside = false
  for (const field of readFields(span)) {
    if (tensor.fields.push(field) > maxFields)
      refuse(`the tensor at byte ${span.start} is written number by number`)
    if (field.number === 1) tensor.dims.push(...readNumbers(field))
    if (field.number === 2) tensor.type = field.value
    if (field.number === 4 && tensor.type === elementTypes.float32) readElements(tensor, field)
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
  if (raw || varints) refuse(`the tensor's elements are given twice, at byte ${field.whole.start} again`)
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
    refuse(`the tensor ${name} lies at no place that can be read`)
  return { location, offset, length }
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}
