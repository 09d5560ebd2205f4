import { setImmediate } from 'node:timers/promises'
import { type GraphNode, readDomain, readName, readNode } from './read-node.ts'
import { readTensor, type Tensor } from './read-tensor.ts'
import { refuse } from './refusal.ts'
import { sortNodes } from './sort-nodes.ts'
import { type Field, readFields, readMessage, readNumbers } from './wire.ts'
import type { Span, WireFile } from './wire-file.ts'

/** A model: its structure in memory, its tensors in the file. */
export interface OnnxModel {
  /** All fields, to be copied; the graph is rewritten. */
  fields: Field[]
  /** Opset: version of ONNX's own operators. */
  opset: number
  /** The field that contains the opset. */
  opsetField: Field
  graph: OnnxGraph
}

/** The graph, in the order of the file, but with sorted nodes (see `sortNodes`). */
export interface OnnxGraph {
  items: GraphItem[]
  nodes: GraphNode[]
  /** Constants by name. A caller may override those that are inputs as well. */
  initializers: Map<string, Tensor>
  inputs: Set<string>
  outputs: string[]
  /** Shapes of values, if the file has them; NaN for a dynamic size. */
  shapes: Map<string, number[]>
  /** `TensorProto.DataType` of values, if the file has them. */
  types: Map<string, number>
}

/** A field of the graph, with its content. */
export interface GraphItem {
  field: Field
  node?: GraphNode
  tensor?: Tensor
  /** Name of a constant, an output or a value. Fields without a name are kept. */
  named?: string
}

/** Maximum number of nodes, constants and values; more than any network has. */
const maxItems = 200_000

/**
 * Reads a ModelProto without the elements of its tensors.
 *
 * @throws {Refusal} if it is invalid, or has unsupported parts: local functions, training, annotations
 * @throws the signal's reason after an abort
 */
export async function readModel(file: WireFile, signal?: AbortSignal): Promise<OnnxModel> {
  const fields: Field[] = []
  const opsets: { version: number; field: Field }[] = []
  let graph: Span | undefined
  for (const field of readFields({ file, start: 0, end: file.size })) {
    if (fields.push(field) > maxItems) refuse(`the model has more than ${maxItems} fields`)
    if (field.number === 20) refuse('the model contains training information')
    if (field.number === 25) refuse('the model contains local functions')
    if (field.number === 8) opsets.push(...readOpset(field))
    if (field.number !== 7) continue
    if (graph) refuse('the model contains two graphs')
    graph = readMessage(field)
  }
  if (!graph) refuse('the file contains no ONNX graph')
  if (opsets.length !== 1) refuse(`the model has ${opsets.length} versions of ONNX's operators, not one`)
  const [{ version, field }] = opsets
  return { fields, opset: version, opsetField: field, graph: await readGraph(graph, signal) }
}

/** Returns the version if the opset is ONNX's own, else nothing. */
function readOpset(field: Field): { version: number; field: Field }[] {
  let domain = ''
  let version = 0
  for (const part of readFields(readMessage(field))) {
    if (part.number === 1) domain = readDomain(part)
    if (part.number === 2) version = part.value
  }
  return domain === '' ? [{ version, field }] : []
}

async function readGraph(span: Span, signal: AbortSignal | undefined): Promise<OnnxGraph> {
  const graph: OnnxGraph = {
    items: [],
    nodes: [],
    initializers: new Map(),
    inputs: new Set(),
    outputs: [],
    shapes: new Map(),
    types: new Map(),
  }
  for (const field of readFields(span)) {
    if (graph.items.push(readItem(field, graph)) > maxItems)
      refuse(`the graph has more than ${maxItems} fields`)
    if (graph.items.length % 256 > 0) continue
    await setImmediate()
    signal?.throwIfAborted()
  }
  sortNodes(graph)
  return graph
}

function readItem(field: Field, graph: OnnxGraph): GraphItem {
  switch (field.number) {
    case 1: {
      const node = readNode(field)
      graph.nodes.push(node)
      return { field, node }
    }
    case 5: {
      const tensor = readTensor(readMessage(field))
      if (graph.initializers.has(tensor.name)) refuse(`two constants have the name ${tensor.name}`)
      graph.initializers.set(tensor.name, tensor)
      return { field, tensor, named: tensor.name }
    }
    case 11:
      graph.inputs.add(readValue(field, graph))
      return { field }
    case 12: {
      const named = readValue(field, graph)
      graph.outputs.push(named)
      return { field, named }
    }
    case 13:
      return { field, named: readValue(field, graph) }
    case 14:
      return refuse('the graph contains quantization annotations')
    case 15:
      return refuse('the graph contains sparse constants')
    default:
      return { field }
  }
}

/** Stores shape and type of a ValueInfoProto. @returns its name */
function readValue(field: Field, graph: OnnxGraph): string {
  const name = readName(readMessage(field))
  const tensor = find(find(field, 2), 1)
  const shape = find(tensor, 2)
  const type = find(tensor, 1)?.value
  if (type !== undefined) graph.types.set(name, type)
  if (shape)
    graph.shapes.set(
      name,
      findAll(shape, 1).map(size => findAll(size, 1).flatMap(readNumbers)[0] ?? Number.NaN),
    )
  return name
}

function find(field: Field | undefined, number: number): Field | undefined {
  return field && findAll(field, number).at(-1)
}

function findAll(field: Field, number: number): Field[] {
  return [...readFields(readMessage(field))].filter(part => part.number === number)
}
