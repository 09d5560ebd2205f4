/** A node of a graph: what goes in, what comes out, and the attributes, whole numbers or lists of them. */
export interface GraphNode {
  op: string
  inputs: string[]
  outputs: string[]
  attributes?: Record<string, number | number[]>
}

/** A graph of one input `x` and any number of outputs, all of free size. */
export interface Graph {
  nodes: GraphNode[]
  /** Outputs in order, by name and type; ONNX Runtime works out an inferred one itself. */
  outputs: Record<string, ElementType | 'inferred'>
  /** Constants by name; whole numbers are int64, floats float32. */
  constants?: Record<string, { dims: number[]; values: Float32Array | BigInt64Array }>
  inputType?: ElementType
}

type ElementType = keyof typeof elementTypes

/** @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, TensorProto.DataType */
const elementTypes = { float32: 1, uint8: 2, int64: 7, float16: 10 }

/** Writes a graph as an ONNX file, opset 17: the bytes. */
export function writeOnnx({ nodes, outputs, constants = {}, inputType = 'float32' }: Graph): Uint8Array {
  const graph = Buffer.concat([
    ...nodes.map(node => field(1, writeNode(node))),
    field(2, 'graph'),
    ...Object.entries(constants).map(([name, { dims, values }]) => field(5, writeTensor(name, dims, values))),
    field(11, writeValue('x', inputType)),
    ...Object.entries(outputs).map(([name, type]) => field(12, writeValue(name, type))),
  ])
  const opset = Buffer.concat([field(1, ''), field(2, 17)])
  return Buffer.concat([field(1, 8), field(7, graph), field(8, opset)])
}

function writeNode({ op, inputs, outputs, attributes = {} }: GraphNode): Buffer {
  return Buffer.concat([
    ...inputs.map(name => field(1, name)),
    ...outputs.map(name => field(2, name)),
    field(4, op),
    ...Object.entries(attributes).map(([name, value]) => field(5, writeAttribute(name, value))),
  ])
}

function writeAttribute(name: string, value: number | number[]): Buffer {
  if (typeof value === 'number') return Buffer.concat([field(1, name), field(3, value), field(20, 2)])
  return Buffer.concat([field(1, name), ...value.map(item => field(8, item)), field(20, 7)])
}

function writeTensor(name: string, dims: number[], values: Float32Array | BigInt64Array): Buffer {
  const type = values instanceof Float32Array ? elementTypes.float32 : elementTypes.int64
  const raw = Buffer.from(values.buffer, values.byteOffset, values.byteLength)
  return Buffer.concat([...dims.map(size => field(1, size)), field(2, type), field(8, name), field(9, raw)])
}

function writeValue(name: string, type: ElementType | 'inferred'): Buffer {
  if (type === 'inferred') return field(1, name)
  const tensorType = field(1, Buffer.concat([field(1, elementTypes[type])]))
  return Buffer.concat([field(1, name), field(2, tensorType)])
}

/** One protobuf field: a whole number as a varint, all else with its length before it. */
function field(number: number, value: number | string | Buffer): Buffer {
  if (typeof value === 'number') return Buffer.concat([writeVarint(number << 3), writeVarint(value)])
  const bytes = Buffer.from(value)
  return Buffer.concat([writeVarint((number << 3) | 2), writeVarint(bytes.length), bytes])
}

function writeVarint(value: number): Buffer {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  return Buffer.from([...bytes, Number(rest)])
}
