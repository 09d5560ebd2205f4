import type { Attribute, Constant, Graph, GraphNode } from './onnx.ts'

/** [batch, channels, height, width] */
export type Shape = [number, number, number, number]

/** Builds graphs like torch.onnx.export: each node has a name, and each constant is a Constant node. */
export class GraphBuilder {
  readonly nodes: GraphNode[] = []
  readonly constants: Record<string, Constant> = {}
  #random: () => number
  #counts = new Map<string, number>()

  /** @param random numbers in [0,1) */
  constructor(random: () => number) {
    this.#random = random
  }

  /** Adds a node. @returns the name of its output */
  add(op: string, inputs: string[], attributes: Record<string, Attribute> = {}): string {
    const count = this.#counts.get(op) ?? 0
    this.#counts.set(op, count + 1)
    const name = count ? `${op}_${count}` : op
    this.nodes.push({ name, op, inputs, outputs: [`${name}_output`], attributes })
    return `${name}_output`
  }

  /** Adds a constant of whole numbers: a list or a scalar. */
  whole(numbers: number | number[]): string {
    const values = BigInt64Array.from([numbers].flat(), BigInt)
    return this.add('Constant', [], {
      value: { dims: Array.isArray(numbers) ? [values.length] : [], values },
    })
  }

  /** Adds a constant of floats. */
  floats(dims: number[], values: Float32Array): string {
    return this.add('Constant', [], { value: { dims, values } })
  }

  reshape(value: string, shape: number[]): string {
    return this.add('Reshape', [value, this.whole(shape)])
  }

  /** Adds an initializer with weights in [-spread, spread]. */
  weights(dims: number[], spread: number): string {
    const values = Float32Array.from({ length: product(dims) }, () => (2 * this.#random() - 1) * spread)
    const name = `weights.${Object.keys(this.constants).length}`
    this.constants[name] = { dims, values }
    return name
  }

  /** Returns the node with this name. */
  node(name: string): GraphNode {
    return this.nodes.find(node => node.name === name)!
  }

  /** Returns a constant that a node reads. Tests change it. */
  constant(name: string, index: number): Constant {
    const input = this.node(name).inputs[index]
    return this.nodes.find(node => node.outputs[0] === input)!.attributes!.value as Constant
  }

  /** Returns the graph with this value as its output. */
  finish(output: string, inputShape: Shape): Graph {
    const { constants } = this
    return { nodes: sortNodes(this.nodes), constants, outputs: { [output]: 'float32' }, inputShape }
  }
}

/** Moves nodes that a test added later before the nodes that read their results: other files are refused. */
function sortNodes(nodes: readonly GraphNode[]): GraphNode[] {
  const writers = new Map(nodes.flatMap(node => node.outputs.map(output => [output, node] as const)))
  const sorted = new Set<GraphNode>()
  const visiting = new Set<GraphNode>()
  function visit(node: GraphNode): void {
    if (visiting.has(node)) return
    visiting.add(node)
    for (const input of node.inputs) if (writers.has(input)) visit(writers.get(input)!)
    sorted.add(node)
  }
  nodes.forEach(visit)
  return [...sorted]
}

function product(sizes: number[]): number {
  return sizes.reduce((total, size) => total * size, 1)
}
