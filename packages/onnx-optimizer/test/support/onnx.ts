import { open } from 'node:fs/promises'

/** A node of a graph: names of inputs and outputs, and attributes. */
export interface GraphNode {
  name?: string
  op: string
  domain?: string
  inputs: string[]
  outputs: string[]
  attributes?: Record<string, Attribute>
}

/** Value of an attribute: one or several whole numbers, a string, a tensor or a graph. */
export type Attribute = number | number[] | string | Constant | { nodes: GraphNode[]; outputs: string[] }

/** Whole numbers are int64, floats float32; 16-bit numbers are the bit patterns of float16. */
export interface Constant {
  dims: number[]
  values: Float32Array | BigInt64Array | Uint16Array
  /** `typed`: elements in the field of their type; a place: elements in another file; default: raw bytes. */
  storage?: 'typed' | { location: string; offset: number; length: number }
}

/** A graph with one input `x` and any number of outputs. Sizes are dynamic unless `inputShape` is set. */
export interface Graph {
  nodes: GraphNode[]
  /** Outputs in order, by name and type. ONNX Runtime infers the type `inferred`. */
  outputs: Record<string, ElementType | 'inferred'>
  /** Constants by name. */
  constants?: Record<string, Constant>
  inputType?: ElementType
  inputShape?: number[]
  /** Version of ONNX's operators, 17 by default. */
  opset?: number
  /** Additional fields of the graph and of the model. */
  extra?: { graph?: Buffer; model?: Buffer }
}

type ElementType = keyof typeof elementTypes

/** @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, TensorProto.DataType */
const elementTypes = { float32: 1, uint8: 2, int64: 7, float16: 10 }

/** Returns the bytes of an ONNX file with a graph. */
export function writeOnnx(model: Graph): Uint8Array {
  return Buffer.concat([field(7, writeGraph(model)), writeFrame(model)])
}

/**
 * Writes a graph as an ONNX file with additional constants of zeros, which use no disk space.
 *
 * @param zeros number of floats, by name
 */
export async function writeSparseOnnx(
  path: string,
  model: Graph,
  zeros: Record<string, number>,
): Promise<void> {
  const tensors = Object.entries(zeros).map(([name, count]) => {
    const fields = Buffer.concat([
      field(1, count),
      field(2, elementTypes.float32),
      field(8, name),
      head(9, count * 4),
    ])
    return { start: Buffer.concat([head(5, fields.length + count * 4), fields]), bytes: count * 4 }
  })
  const graph = writeGraph(model)
  const length = tensors.reduce((sum, { start, bytes }) => sum + start.length + bytes, graph.length)
  const file = await open(path, 'w')
  await file.write(Buffer.concat([head(7, length), graph]))
  let position = head(7, length).length + graph.length
  for (const { start, bytes } of tensors) {
    await file.write(start, 0, start.length, position)
    position += start.length + bytes
  }
  const frame = writeFrame(model)
  await file.write(frame, 0, frame.length, position)
  await file.close()
}

function writeGraph({
  nodes,
  outputs,
  constants = {},
  inputType = 'float32',
  inputShape,
  extra = {},
}: Graph): Buffer {
  return Buffer.concat([
    ...nodes.map(node => field(1, writeNode(node))),
    field(2, 'graph'),
    ...Object.entries(constants).map(([name, constant]) => field(5, writeTensor(constant, name))),
    field(11, writeValue('x', inputType, inputShape)),
    ...Object.entries(outputs).map(([name, type]) => field(12, writeValue(name, type))),
    extra.graph ?? Buffer.alloc(0),
  ])
}

/** Returns the fields of the model besides the graph. */
function writeFrame({ opset = 17, extra = {} }: Graph): Buffer {
  const imports = field(8, Buffer.concat([field(1, ''), field(2, opset)]))
  return Buffer.concat([field(1, 8), imports, extra.model ?? Buffer.alloc(0)])
}

function writeNode({ name = '', op, domain = '', inputs, outputs, attributes = {} }: GraphNode): Buffer {
  return Buffer.concat([
    ...inputs.map(input => field(1, input)),
    ...outputs.map(output => field(2, output)),
    field(3, name),
    field(4, op),
    ...Object.entries(attributes).map(([key, value]) => field(5, writeAttribute(key, value))),
    field(7, domain),
  ])
}

/** @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, AttributeProto.AttributeType */
function writeAttribute(name: string, value: Attribute): Buffer {
  const write = (type: number, ...fields: Buffer[]) =>
    Buffer.concat([field(1, name), ...fields, field(20, type)])
  if (typeof value === 'number') return write(2, field(3, value))
  if (typeof value === 'string') return write(3, field(4, value))
  if (Array.isArray(value)) return write(7, ...value.map(item => field(8, item)))
  if ('dims' in value) return write(4, field(5, writeTensor(value)))
  const nodes = value.nodes.map(node => field(1, writeNode(node)))
  const outputs = value.outputs.map(output => field(12, writeValue(output, 'inferred')))
  return write(5, field(6, Buffer.concat([...nodes, field(2, 'inner'), ...outputs])))
}

/** A TensorProto. */
function writeTensor({ dims, values, storage }: Constant, name = ''): Buffer {
  const type =
    values instanceof Float32Array ? 'float32' : values instanceof Uint16Array ? 'float16' : 'int64'
  const raw = Buffer.from(values.buffer, values.byteOffset, values.byteLength)
  const head = [...dims.map(size => field(1, size)), field(2, elementTypes[type])]
  if (storage === 'typed') {
    const varints = () => Buffer.concat(Array.from<number | bigint, Buffer>(values, writeVarint))
    const typed = type === 'float32' ? field(4, raw) : field(type === 'float16' ? 5 : 7, varints())
    return Buffer.concat([...head, typed, field(8, name)])
  }
  if (!storage) return Buffer.concat([...head, field(8, name), field(9, raw)])
  const entries = Object.entries(storage).map(([key, value]) =>
    field(13, Buffer.concat([field(1, key), field(2, `${value}`)])),
  )
  return Buffer.concat([...head, field(8, name), ...entries, field(14, 1)])
}

/** A ValueInfoProto. */
export function writeValue(name: string, type: ElementType | 'inferred', shape?: number[]): Buffer {
  if (type === 'inferred') return field(1, name)
  const sizes = shape?.map(size => field(1, field(1, size)))
  const tensor = [field(1, elementTypes[type]), ...(sizes ? [field(2, Buffer.concat(sizes))] : [])]
  return Buffer.concat([field(1, name), field(2, field(1, Buffer.concat(tensor)))])
}

/** Encodes a protobuf field: a whole number as a varint, other values after their length. */
export function field(number: number, value: number | string | Buffer): Buffer {
  if (typeof value === 'number') return Buffer.concat([writeVarint(number << 3), writeVarint(value)])
  const bytes = Buffer.from(value)
  return Buffer.concat([head(number, bytes.length), bytes])
}

/** Encodes the tag and the length before a body of this many bytes. */
function head(number: number, bytes: number): Buffer {
  return Buffer.concat([writeVarint((number << 3) | 2), writeVarint(bytes)])
}

function writeVarint(value: number | bigint): Buffer {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  return Buffer.from([...bytes, Number(rest)])
}
