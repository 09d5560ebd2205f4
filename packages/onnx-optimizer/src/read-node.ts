import { readTensor, type Tensor } from './read-tensor.ts'
import { refuse } from './refusal.ts'
import { type Field, readFields, readMessage, readNumbers, readText } from './wire.ts'
import type { Span } from './wire-file.ts'

/** A node of the graph. */
export interface GraphNode {
  name: string
  op: string
  /** '' for ONNX's own operators. */
  domain: string
  /** Names of values; '' for an omitted optional input. */
  inputs: string[]
  outputs: string[]
  attributes: Map<string, Attribute>
  /** Whether the node contains graphs: the bodies of If, Loop, Scan. */
  hasInner: boolean
  /** All names that these graphs read, from inside or outside. */
  innerReads: string[]
  /** Whether a tensor of this node is in another file. */
  hasExternal: boolean
  /** The node's bytes in the file, to be copied. */
  whole: Span
}

/** The values of an attribute that the optimizer reads. */
interface Attribute {
  /** A whole number, or several. */
  numbers: number[]
  text?: string
  tensor?: Tensor
}

/** Maximum depth of nested graphs. */
const maxDepth = 8

/**
 * Reads a NodeProto.
 *
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
export function readNode(field: Field, depth = 0): GraphNode {
  const node: GraphNode = {
    name: '',
    op: '',
    domain: '',
    inputs: [],
    outputs: [],
    attributes: new Map(),
    hasInner: false,
    innerReads: [],
    hasExternal: false,
    whole: field.whole,
  }
  for (const part of readFields(readMessage(field))) {
    if (part.number === 1) node.inputs.push(readText(part))
    if (part.number === 2) node.outputs.push(readText(part))
    if (part.number === 3) node.name = readText(part)
    if (part.number === 4) node.op = readText(part)
    if (part.number === 5) readAttribute(readMessage(part), node, depth)
    if (part.number === 7) node.domain = readDomain(part)
  }
  return node
}

/** Reads a domain. ONNX's own domain has two spellings, which both become ''. */
export function readDomain(field: Field): string {
  const domain = readText(field)
  return domain === 'ai.onnx' ? '' : domain
}

/** Describes a node as a viewer shows it. */
export function describeNode({ op, domain, name, outputs }: GraphNode): string {
  return `${domain && `${domain}.`}${op} '${name || outputs[0]}'`
}

function readAttribute(span: Span, node: GraphNode, depth: number): void {
  const attribute: Attribute = { numbers: [] }
  let name = ''
  for (const part of readFields(span)) {
    if (part.number === 1) name = readText(part)
    if (part.number === 3 || part.number === 8) attribute.numbers.push(...readNumbers(part))
    if (part.number === 4 && part.body.end - part.body.start < 256) attribute.text = readLooseText(part)
    if (part.number === 5)
      attribute.tensor = attribute.tensor ? refuseTwice(part) : readTensor(readMessage(part))
    if (part.number === 10) node.hasExternal ||= readTensor(readMessage(part)).external !== undefined
    if (part.number === 6 || part.number === 11) readInnerGraph(readMessage(part), node, depth + 1)
  }
  if (node.attributes.has(name)) refuse(`${describeNode(node)} has the attribute ${name} twice`)
  node.hasExternal ||= attribute.tensor?.external !== undefined
  node.attributes.set(name, attribute)
}

function refuseTwice(field: Field): never {
  return refuse(`the attribute at byte ${field.whole.start} contains two tensors`)
}

/** Reads an attribute's string, which may be any bytes. The strings that the optimizer compares are ASCII. */
function readLooseText({ body }: Field): string {
  return body.file.read(body.start, body.end).toString('latin1')
}

/** Reads the body of an If, Loop or Scan. It may read outer values, which must be kept. */
function readInnerGraph(span: Span, node: GraphNode, depth: number): void {
  if (depth > maxDepth) refuse(`graphs are nested more than ${maxDepth} deep`)
  node.hasInner = true
  for (const field of readFields(span)) {
    if (field.number === 1) {
      const inner = readNode(field, depth)
      node.innerReads.push(...inner.inputs, ...inner.innerReads)
      node.hasExternal ||= inner.hasExternal
    }
    if (field.number === 5) node.hasExternal ||= readTensor(readMessage(field)).external !== undefined
    if (field.number === 12) node.innerReads.push(readName(readMessage(field)))
  }
}

/** Reads the name of a ValueInfoProto. */
export function readName(span: Span): string {
  let name = ''
  for (const field of readFields(span)) if (field.number === 1) name = readText(field)
  return name
}
