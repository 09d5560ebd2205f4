import { describeNode, type GraphNode } from './read-node.ts'
import type { Tensor } from './read-tensor.ts'
import { refuse } from './refusal.ts'
import { readFloat, readInt64s, type Values } from './values.ts'

/** Attributes by name: whole numbers, or a string. */
export type Attributes = Record<string, number[] | string>

/** The operators of the pattern and their number of inputs: with another number they mean something else. */
const inputCounts = {
  Add: 2,
  Cast: 1,
  Clip: 3,
  Concat: 2,
  Expand: 2,
  Floor: 1,
  GatherElements: 2,
  GatherND: 2,
  Mul: 2,
  Pad: 2,
  Reshape: 2,
  Sigmoid: 1,
  Slice: 4,
  Sub: 2,
  Sum: 4,
  Transpose: 1,
}

export type PatternOp = keyof typeof inputCounts

/** Default values of attributes: an attribute with its default changes nothing. */
const defaults: Attributes = { allowzero: [0], mode: 'constant' }

/**
 * Follows a graph upstream, from a node's input to the node that writes it. Each step checks its expectations, and refuses
 * the graph with the names of the nodes if one fails.
 */
export class Pattern {
  readonly values: Values

  constructor(values: Values) {
    this.values = values
  }

  /** Returns the node that writes an input of `reader`. It must have this operator and exactly these attributes. */
  source(reader: GraphNode, index: number, op: PatternOp, attributes: Attributes = {}): GraphNode {
    return this.writer(reader.inputs[index] ?? '', reader, op, attributes)
  }

  /** Returns the node that writes a value, with the same checks. `reader` is named in the reason. */
  writer(name: string, reader: GraphNode, op: PatternOp, attributes: Attributes = {}): GraphNode {
    const node = this.values.writer(name)
    if (!isOp(node, op)) refuse(`${describeNode(reader)} reads ${describe(node, name)}, not a ${op}`)
    if (countInputs(node) !== inputCounts[op]) refuse(`${describeNode(node)} has ${countInputs(node)} inputs`)
    expectAttributes(node, attributes, defaults)
    return node
  }

  /** Returns the name of an input of `reader`, looking through copies. */
  name(reader: GraphNode, index: number): string {
    return this.values.original(reader.inputs[index] ?? '')
  }

  /** @throws {Refusal} unless `reader` reads this value */
  expectName(reader: GraphNode, index: number, expected: string): void {
    const got = this.name(reader, index)
    if (got !== expected) refuse(`${describeNode(reader)} reads ${got}; expected ${expected}`)
  }

  /** Returns the constant that `reader` reads. */
  constant(reader: GraphNode, index: number): Tensor {
    return (
      this.values.constant(reader.inputs[index] ?? '') ??
      refuse(`${describeNode(reader)} expects a constant as its input ${index}, but the input varies`)
    )
  }

  /** Returns the whole numbers that `reader` reads as a constant. */
  numbers(reader: GraphNode, index: number): number[] {
    return (
      readInt64s(this.constant(reader, index)) ??
      refuse(`${describeNode(reader)} expects whole numbers as its input ${index}`)
    )
  }

  /** @throws {Refusal} unless `reader` reads these whole numbers */
  expectNumbers(reader: GraphNode, index: number, expected: number[]): void {
    const got = this.numbers(reader, index)
    if (!isEqual(got, expected)) refuse(`${describeNode(reader)} reads [${got}]; expected [${expected}]`)
  }

  /** @throws {Refusal} unless `reader` reads the float 1 */
  expectOne(reader: GraphNode, index: number): void {
    const got = readFloat(this.constant(reader, index))
    if (got !== 1) refuse(`${describeNode(reader)} reads ${got ?? 'something else'}; expected 1`)
  }
}

/** @throws {Refusal} unless a node has the `required` attributes, and no others except `optional` ones with these values */
export function expectAttributes(node: GraphNode, required: Attributes, optional: Attributes = {}): void {
  for (const name of new Set([...Object.keys(required), ...node.attributes.keys()])) {
    const { numbers = [], text } = node.attributes.get(name) ?? {}
    const expected = required[name] ?? optional[name]
    const fits = typeof expected === 'string' ? text === expected : expected && isEqual(numbers, expected)
    if (!fits)
      refuse(`${describeNode(node)} has ${name} ${text ?? `[${numbers}]`}; expected ${say(expected)}`)
  }
}

/** Whether a node has this operator of ONNX's own domain. */
export function isOp<Op extends string>(node: GraphNode | undefined, op: Op): node is GraphNode & { op: Op } {
  return node?.op === op && node.domain === ''
}

function say(expected: number[] | string | undefined): string {
  return typeof expected === 'string' ? expected : expected ? `[${expected}]` : 'no such attribute'
}

function describe(node: GraphNode | undefined, name: string): string {
  return node ? describeNode(node) : `the value ${name}`
}

function countInputs({ inputs }: GraphNode): number {
  return inputs.findLastIndex(Boolean) + 1
}

function isEqual(got: number[], expected: number[]): boolean {
  return got.length === expected.length && got.every((value, index) => value === expected[index])
}
