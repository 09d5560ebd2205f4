import { expect, test } from 'vitest'
import { createRandom } from '../../core/test/matting/read-raster.ts'
import { addHeads } from './support/attention.ts'
import { GraphBuilder, type Shape } from './support/graph-builder.ts'
import type { Graph } from './support/onnx.ts'
import { prepareSplitting } from './support/split.ts'

const shape: Shape = [2, 3, 5, 8]
const { optimize, expectSame, expectUnchangedIfRead, readTarget } = prepareSplitting(shape)

/** Multi-head attention of 2 heads with 8 channels, as PyTorch exports Swin's. */
function build(tamper: (graph: GraphBuilder) => void = () => {}): Graph {
  const builder = new GraphBuilder(createRandom(5))
  const x = builder.reshape('x', [-1, 5, 8])
  const [query, key, value] = addHeads(builder, x)
  const scores = builder.add('MatMul', [query, builder.add('Transpose', [key], { perm: [0, 1, 3, 2] })])
  const output = builder.add('MatMul', [builder.add('Softmax', [scores], { axis: -1 }), value])
  tamper(builder)
  return builder.finish(output, shape)
}

test('query, key and value have a matrix each', async () => {
  const bytes = await expectSame(build())
  expect(new Set(bytes.match(/Gather_\d_output\/attention\/node\/MatMul/g))).toHaveLength(3)
  for (const name of ['weights.0', 'weights.1', 'Concat']) expect(bytes).not.toContain(name)
})

test('attentions that share weights share their parts', async () => {
  const graph = build()
  const copy = graph.nodes.map(node => ({
    ...node,
    name: `copy_${node.name}`,
    inputs: node.inputs.map(input => (input === 'x' || input in graph.constants! ? input : `copy_${input}`)),
    outputs: node.outputs.map(output => `copy_${output}`),
  }))
  const [output] = Object.keys(graph.outputs)
  const sum = { op: 'Add', inputs: [output, `copy_${output}`], outputs: ['sum'] }
  const nodes = [...graph.nodes, ...copy, sum]
  const bytes = await expectSame({ ...graph, nodes, outputs: { sum: 'float32' } })
  expect(new Set(bytes.match(/\w+\/attention\/node\/MatMul/g))).toHaveLength(6)
  for (const constant of ['weights', 'bias'])
    expect(new Set(bytes.match(new RegExp(`\\w+/attention/${constant}`, 'g')))).toHaveLength(3)
})

test('the sizes of the windows may be computed', async () => {
  const graph = build(builder => {
    const sizes = [-1, 5, 8].map(size => builder.add('Mul', [builder.whole([size]), builder.whole([1])]))
    builder.node('Reshape').inputs[1] = builder.add('Concat', sizes, { axis: 0 })
  })
  expect(await expectSame(graph)).toContain('/attention/node/MatMul')
})

test('the matrix may be the first input of the sum', async () => {
  const graph = build()
  const nodes = graph.nodes.map(node =>
    node.name === 'Add' ? { ...node, inputs: node.inputs.toReversed() } : node,
  )
  expect(await expectSame({ ...graph, nodes })).toContain('/attention/node/MatMul')
})

const whole = (name: string, index: number, numbers: number[]) => (graph: GraphBuilder) => {
  const constant = graph.constant(name, index)
  constant.values = BigInt64Array.from(numbers, BigInt)
}

test.each<[string, (graph: GraphBuilder) => void]>([
  ['another order of axes', graph => (graph.node('Transpose').attributes!.perm = [2, 0, 1, 3, 4])],
  ['the batch in place of the positions', whole('Gather_1', 1, [0])],
  ['sizes of another value', graph => (graph.node('Shape_1').inputs[0] = 'x')],
  ['part of the sizes', graph => (graph.node('Shape').attributes = { start: 0 })],
  ['an axis in front of the sizes', whole('Unsqueeze', 1, [-1])],
  ['a bias that varies', graph => (graph.node('Add').inputs[0] = graph.add('Neg', ['weights.1']))],
  ['weights that vary', graph => (graph.node('MatMul').inputs[1] = graph.add('Neg', ['weights.0']))],
  ['heads that do not divide the channels', whole('Concat', 3, [3])],
  ['four values', whole('Concat', 2, [4])],
  ['a value counted from the end', whole('Gather_4', 1, [-1])],
  ['an operator outside of ONNX', graph => (graph.node('Add').domain = 'ai.onnx.ml')],
])('the three values stay together: %s', async (_, tamper) => {
  const { changed } = await optimize(build(tamper))
  // A constant that is not read any more is dropped in any case.
  expect(changed && (await readTarget()).includes('/attention/')).toBe(false)
})

test.each(['MatMul_output', 'Add_output', 'Reshape_1_output', 'Transpose_output'])(
  'the three values stay together if another node reads %s',
  name => expectUnchangedIfRead(build(), name),
)
