import { encodeField } from './encode.ts'
import { type Field, readFields, readMessage } from './wire.ts'

/** A node to be written. */
export interface NewNode {
  op: string
  name: string
  inputs: readonly string[]
  outputs: readonly string[]
  /** Whole numbers by name: one, or a list. */
  attributes?: Record<string, number | readonly number[]>
}

/**
 * Encodes a node as a field of the graph.
 *
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto NodeProto
 */
export function encodeNode({ op, name, inputs, outputs, attributes = {} }: NewNode): Buffer {
  return encodeField(
    1,
    Buffer.concat([
      ...encodeHead({ name, inputs, outputs }),
      encodeField(4, op),
      ...Object.entries(attributes).map(([key, value]) => encodeField(5, encodeAttribute(key, value))),
    ]),
  )
}

type Head = Omit<NewNode, 'op' | 'attributes'>

/** Optional inputs at the end are left out. */
function encodeHead({ name, inputs, outputs }: Head): Buffer[] {
  const read = inputs.slice(0, inputs.findLastIndex(Boolean) + 1)
  return [
    ...read.map(input => encodeField(1, input)),
    ...outputs.map(output => encodeField(2, output)),
    encodeField(3, name),
  ]
}

/** Encodes a node of the file with another name, other inputs and other outputs. */
export function encodeCopy(field: Field, head: Head): Buffer {
  const kept = [...readFields(readMessage(field))].filter(({ number }) => number > 3)
  const bodies = kept.map(({ whole: { file, start, end } }) => file.read(start, end))
  return encodeField(1, Buffer.concat([...encodeHead(head), ...bodies]))
}

/** Types: 2 is one whole number, 7 is a list. */
function encodeAttribute(name: string, value: number | readonly number[]): Buffer {
  const body =
    typeof value === 'number'
      ? [encodeField(3, value), encodeField(20, 2)]
      : [...value.map(number => encodeField(8, number)), encodeField(20, 7)]
  return Buffer.concat([encodeField(1, name), ...body])
}
