import type { Constant, Graph, GraphNode } from './onnx.ts'

/**
 * Converts a float32 graph to float16 as onnxconverter-common does: constants are rounded, conversions are put at the
 * inputs, at the outputs and around Resize, and new nodes are appended without regard to the order.
 *
 * @see https://github.com/microsoft/onnxconverter-common/blob/master/onnxconverter_common/float16.py
 */
export function narrowGraph(graph: Graph): Graph {
  const nodes: GraphNode[] = []
  const appended: GraphNode[] = []
  const cast = (input: string, output: string, to: number) => {
    appended.push({
      name: `${output}_cast`,
      op: 'Cast',
      inputs: [input],
      outputs: [output],
      attributes: { to },
    })
    return output
  }
  const outputs = Object.keys(graph.outputs)
  const inner = (name: string) => (name === 'x' || outputs.includes(name) ? `half_${name}` : name)
  cast('x', 'half_x', 10)
  for (const name of outputs) cast(`half_${name}`, name, 1)
  for (const node of graph.nodes) {
    const [inputs, results] = [node.inputs.map(inner), node.outputs.map(inner)]
    const attributes = Object.fromEntries(
      Object.entries(node.attributes ?? {}).map(([name, value]) => [
        name,
        isConstant(value) ? narrow(value) : value,
      ]),
    )
    if (node.op !== 'Resize') {
      nodes.push({ ...node, inputs, outputs: results, attributes })
      continue
    }
    const [first, ...rest] = inputs
    nodes.push({
      ...node,
      inputs: [cast(first, `${first}_32`, 1), ...rest],
      outputs: [`${results[0]}_32`],
      attributes,
    })
    cast(`${results[0]}_32`, results[0], 10)
  }
  const constants = Object.entries(graph.constants ?? {}).map(([name, value]) => [name, narrow(value)])
  return { ...graph, nodes: [...nodes, ...appended], constants: Object.fromEntries(constants) }
}

/** Rounds the constants of a float32 graph to float16, but keeps them in float32. */
export function roundGraph(graph: Graph): Graph {
  const round = (constant: Constant): Constant => {
    const { values } = constant
    return values instanceof Float32Array
      ? { ...constant, values: values.map(value => widen(narrowNumber(value))) }
      : constant
  }
  return {
    ...graph,
    nodes: graph.nodes.map(node => ({
      ...node,
      attributes: Object.fromEntries(
        Object.entries(node.attributes ?? {}).map(([name, value]) => [
          name,
          isConstant(value) ? round(value) : value,
        ]),
      ),
    })),
    constants: Object.fromEntries(
      Object.entries(graph.constants ?? {}).map(([name, value]) => [name, round(value)]),
    ),
  }
}

function isConstant(value: unknown): value is Constant {
  return typeof value === 'object' && value !== null && 'dims' in value
}

function narrow(constant: Constant): Constant {
  const { values } = constant
  return values instanceof Float32Array
    ? { ...constant, values: Uint16Array.from(values, narrowNumber) }
    : constant
}

/** Rounds a number below 65504 to float16, and returns its bit pattern. */
export function narrowNumber(value: number): number {
  const sign = value < 0 ? 0x8000 : 0
  const size = Math.abs(value)
  const exponent = Math.max(-14, Math.floor(Math.log2(size || 2 ** -24)))
  const steps = Math.round(size / 2 ** (exponent - 10))
  return sign + (exponent + 14) * 1024 + steps
}

function widen(bits: number): number {
  const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023]
  return sign * (exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction * 2 ** -24)
}
