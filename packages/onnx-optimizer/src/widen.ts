import { encodeField, encodeHead } from './encode.ts'
import type { ExternalFiles } from './external.ts'
import { findFloats } from './find-floats.ts'
import type { GraphItem, OnnxGraph, OnnxModel } from './read-model.ts'
import { describeNode, type GraphNode } from './read-node.ts'
import { elementTypes } from './read-tensor.ts'
import { refuse } from './refusal.ts'
import { encodeWidened } from './widen-tensor.ts'
import { type Field, readFields, readMessage } from './wire.ts'
import { countBytes, type Piece } from './write-pieces.ts'

const { float16, float32 } = elementTypes

/** Attributes that name the type of a result. */
const typeAttributes = ['to', 'dtype', 'output_dtype', 'output_datatype', 'stash_type']

/** Whether a graph has float16 values. */
export function hasFloat16({ nodes, initializers, types }: OnnxGraph): boolean {
  return (
    [...types.values()].includes(float16) ||
    [...initializers.values()].some(({ type }) => type === float16) ||
    nodes.some(node => hasHalfTensor(node) || isCast(node, float16))
  )
}

/**
 * Turns a float16 graph into the float32 graph of the same weights: float16 tensors become float32, inputs and outputs
 * too, and conversions between the two are dropped. The results are those of float32: nothing is rounded in between.
 *
 * @returns the new model
 * @throws {Refusal} if a node may mean something else in float32
 */
export async function widenModel(model: OnnxModel, external: ExternalFiles): Promise<Piece[]> {
  const { graph } = model
  for (const node of graph.nodes) expectWidenable(node)
  const { dropped, names } = dropCasts(graph)
  const items: Piece[] = []
  for (const item of graph.items) {
    if (!item.node || !dropped.has(item.node)) items.push(...(await widenItem(item, graph, names, external)))
  }
  return model.fields.flatMap(({ number, whole }): Piece[] =>
    number === 7 ? [encodeHead(7, countBytes(items)), ...items] : [whole],
  )
}

function expectWidenable(node: GraphNode): void {
  if (node.hasInner)
    refuse(`${describeNode(node)} contains a graph, so its float16 values cannot be converted`)
  if (node.domain !== '')
    refuse(
      `${describeNode(node)} has an operator that is not part of ONNX, so its float16 values cannot be converted`,
    )
  for (const name of typeAttributes) {
    if (node.op !== 'Cast' && node.attributes.get(name)?.numbers[0] === float16)
      refuse(`${describeNode(node)} has ${name} float16`)
  }
}

/** Finds the conversions that change nothing in float32, and the names that replace those of their results. */
function dropCasts(graph: OnnxGraph): { dropped: Set<GraphNode>; names: Map<string, string> } {
  const floats = findFloats(graph)
  const written = new Set(graph.nodes.flatMap(({ outputs }) => outputs))
  const dropped = new Set<GraphNode>()
  const names = new Map<string, string>()
  for (const node of graph.nodes) {
    if (!isCast(node, float16) && !isCast(node, float32)) continue
    const [result] = node.outputs
    const source = names.get(node.inputs[0]) ?? node.inputs[0]
    if (!floats.has(node.inputs[0])) continue
    if (!graph.outputs.includes(result)) names.set(result, source)
    else if (written.has(source) && !graph.outputs.includes(source)) rename(names, source, result)
    else continue
    dropped.add(node)
  }
  return { dropped, names }
}

/** Renames a value to a graph's output, and all copies of the value. */
function rename(names: Map<string, string>, source: string, output: string): void {
  for (const [name, copied] of names) if (copied === source) names.set(name, output)
  names.set(source, output)
}

async function widenItem(
  { field, node, tensor }: GraphItem,
  { types }: OnnxGraph,
  names: Map<string, string>,
  external: ExternalFiles,
): Promise<Piece[]> {
  if (node) return widenNode(field, node, names, external)
  if (tensor?.type === float16) return nest(field.number, await encodeWidened(tensor, external))
  return [11, 12, 13].includes(field.number) && [...types.values()].includes(float16)
    ? nest(field.number, widenValue(field))
    : [field.whole]
}

async function widenNode(
  field: Field,
  node: GraphNode,
  names: Map<string, string>,
  external: ExternalFiles,
): Promise<Piece[]> {
  const isRenamed = [...node.inputs, ...node.outputs].some(name => names.has(name))
  if (!isRenamed && !hasHalfTensor(node) && !isCast(node, float16)) return [field.whole]
  const parts: Piece[] = []
  const values = { 1: node.inputs.values(), 2: node.outputs.values() }
  for (const part of readFields(readMessage(field))) {
    if (part.number === 1 || part.number === 2) {
      const name = values[part.number].next().value!
      parts.push(encodeField(part.number, names.get(name) ?? name))
    } else if (part.number === 5) parts.push(...(await widenAttribute(part, node, external)))
    else parts.push(part.whole)
  }
  return nest(field.number, parts)
}

/** @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, AttributeProto */
async function widenAttribute(field: Field, node: GraphNode, external: ExternalFiles): Promise<Piece[]> {
  const parts: Piece[] = []
  for (const part of readFields(readMessage(field))) {
    const tensor = part.number === 5 ? findTensor(node, part) : undefined
    if (tensor?.type === float16) parts.push(...nest(5, await encodeWidened(tensor, external)))
    else if (part.number === 3 && isCast(node, float16) && part.value === float16)
      parts.push(encodeField(3, float32))
    else parts.push(part.whole)
  }
  return nest(5, parts)
}

/** Returns the tensor that was read from this field. */
function findTensor({ attributes }: GraphNode, field: Field) {
  const { start } = readMessage(field)
  return [...attributes.values()].find(({ tensor }) => tensor?.start === start)?.tensor
}

/** Widens the type of a ValueInfoProto: name, then type ► tensor_type ► elem_type. */
function widenValue(field: Field, path: readonly number[] = [2, 1, 1]): Piece[] {
  const [number, ...below] = path
  return [...readFields(readMessage(field))].flatMap((part): Piece[] => {
    if (part.number !== number) return [part.whole]
    if (below.length > 0) return nest(number, widenValue(part, below))
    return part.value === float16 ? [encodeField(number, float32)] : [part.whole]
  })
}

function nest(number: number, parts: Piece[]): Piece[] {
  return [encodeHead(number, countBytes(parts)), ...parts]
}

function hasHalfTensor({ attributes }: GraphNode): boolean {
  return [...attributes.values()].some(({ tensor }) => tensor?.type === float16)
}

function isCast({ op, domain, attributes }: GraphNode, to: number): boolean {
  return op === 'Cast' && domain === '' && attributes.get('to')?.numbers[0] === to
}
