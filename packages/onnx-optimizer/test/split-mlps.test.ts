import { expect, test } from 'vitest'
import { createRandom } from '../../core/test/matting/read-raster.ts'
import { GraphBuilder, type Shape } from './support/graph-builder.ts'
import type { Graph, GraphNode } from './support/onnx.ts'
import { prepareSplitting } from './support/split.ts'

const shape: Shape = [1, 2, 5, 8]
/** Any number of hidden values is too large. */
const options = { bufferBytes: 1 }
const { optimize, expectSame, expectUnchangedIfRead, readTarget } = prepareSplitting(shape)

interface Layout {
  tamper?: (graph: GraphBuilder) => void
  width?: number
  hidden?: number
}

/** Two layers with Gelu as PyTorch exports it. */
function addMlp(builder: GraphBuilder, x: string, width = 8, hidden = 64): string {
  const scalar = (value: number) => builder.floats([], Float32Array.of(value))
  const first = builder.add('MatMul', [x, builder.weights([width, hidden], 0.5)])
  const layer = builder.add('Add', [builder.weights([hidden], 0.5), first])
  const erf = builder.add('Erf', [builder.add('Div', [layer, scalar(Math.SQRT2)])])
  const gate = builder.add('Mul', [layer, builder.add('Add', [erf, scalar(1)])])
  const gelu = builder.add('Mul', [gate, scalar(0.5)])
  const last = builder.add('MatMul', [gelu, builder.weights([hidden, width], 0.5)])
  return builder.add('Add', [builder.weights([width], 0.5), last])
}

function build({ tamper = () => {}, width = 8, hidden = 64 }: Layout = {}): Graph {
  const builder = new GraphBuilder(createRandom(3))
  const output = addMlp(builder, 'x', width, hidden)
  tamper(builder)
  return builder.finish(output, [1, 2, 5, width])
}

test('two layers become four parts of the hidden channels', async () => {
  const bytes = await expectSame(build(), options)
  expect(new Set(bytes.match(/\/hidden\/node\/MatMul_1_\d/g))).toHaveLength(4)
  for (const name of ['weights.0', 'weights.2']) expect(bytes).not.toContain(name)
})

/** Positions for which copies of the matrices are small. */
const many = prepareSplitting([1, 2, 4096, 8])
const hiddenBytes = 4 * 2 * 4096 * 64

function buildMany(tamper?: (graph: GraphBuilder) => void): Graph {
  return { ...build({ tamper }), inputShape: [1, 2, 4096, 8] }
}

test.each([
  // The hidden values of a part are at most half as large as the input.
  [2, 16],
  [16, 16],
  // 4096 positions have no 17 equal parts.
  [17, 32],
])('if %i parts are needed, two layers with many positions become %i parts', async (needed, parts) => {
  const bytes = await many.expectSame(buildMany(), { bufferBytes: (4 * hiddenBytes) / needed })
  expect(new Set(bytes.match(/\/positions\/\d+\/node\/MatMul_1/g))).toHaveLength(parts)
  for (const name of ['weights.0', 'weights.2']) expect(bytes).toContain(name)
  expect(bytes).not.toContain('/hidden/')
})

test('layers with many positions are split by hidden channels if the copies of the matrices would be large', async () => {
  const bytes = await many.expectSame(buildMany(), { bufferBytes: (4 * hiddenBytes) / 33 })
  expect(bytes).toContain('/hidden/')
  expect(bytes).not.toContain('/positions/')
})

test('in an old opset, layers with many positions are split by hidden channels', async () => {
  const bytes = await many.expectSame({ ...buildMany(), opset: 9 }, { bufferBytes: 2 * hiddenBytes })
  expect(bytes).toContain('/hidden/')
})

test('the positions of a copied value are split', async () => {
  const graph = buildMany(graph =>
    read('MatMul', 0, graph.add('Identity', [graph.add('Relu', ['x'])]))(graph),
  )
  expect(await many.expectSame(graph, { bufferBytes: 2 * hiddenBytes })).toContain(
    '/positions/1/node/MatMul_1',
  )
})

test('layers that share matrices with layers of few positions are split, and the others stay', async () => {
  const graph = buildMany()
  const nodes = graph.nodes.map(
    (node): GraphNode => ({
      ...node,
      name: `few_${node.name}`,
      inputs: node.inputs.map(input =>
        input === 'x' ? 'few' : input in graph.constants! ? input : `few_${input}`,
      ),
      outputs: node.outputs.map(output => `few_${output}`),
    }),
  )
  const list = (name: string, number: number) => ({
    [name]: { dims: [1], values: BigInt64Array.of(BigInt(number)) },
  })
  const constants = { ...graph.constants, ...list('start', 0), ...list('end', 1), ...list('axis', 2) }
  const slice: GraphNode = { op: 'Slice', inputs: ['x', 'start', 'end', 'axis'], outputs: ['few'] }
  const last = graph.nodes.at(-1)!.outputs[0]
  const add: GraphNode = { op: 'Add', inputs: [last, `few_${last}`], outputs: ['both'] }
  const both = {
    ...graph,
    constants,
    nodes: [...graph.nodes, slice, ...nodes, add],
    outputs: { both: 'float32' as const },
  }
  const bytes = await many.expectSame(both, { bufferBytes: 2 * hiddenBytes })
  expect(new Set(bytes.match(/\/positions\/\d+\/node\/\w*MatMul_1/g))).toHaveLength(16)
  expect(bytes).not.toContain('/hidden/')
})

test.each(['first', 'second', 'vector0', 'result', 'sum'])(
  'a hidden value may have the name “%s”',
  async name => {
    const graph = build()
    const rename = (value: string) => (value === 'MatMul_output' ? name : value)
    const nodes = graph.nodes.map(node => ({
      ...node,
      inputs: node.inputs.map(rename),
      outputs: node.outputs.map(rename),
    }))
    expect(nodes).not.toEqual(graph.nodes)
    await expectSame({ ...graph, nodes }, options)
  },
)

test('layers that share weights share their parts', async () => {
  const builder = new GraphBuilder(createRandom(3))
  const first = addMlp(builder, 'x')
  const copy = builder.nodes.map(
    (node): GraphNode => ({
      ...node,
      name: `copy_${node.name}`,
      inputs: node.inputs.map(input =>
        input === 'x' ? first : input in builder.constants ? input : `copy_${input}`,
      ),
      outputs: node.outputs.map(output => `copy_${output}`),
    }),
  )
  builder.nodes.push(...copy)
  const bytes = await expectSame(builder.finish(copy.at(-1)!.outputs[0], shape), options)
  expect(new Set(bytes.match(/\/hidden\/node\/(copy_)?MatMul_1_\d/g))).toHaveLength(8)
  expect(new Set(bytes.match(/[\w/]+\/hidden\/weights\/first_0/g))).toHaveLength(1)
})

test.each([
  [640, true],
  [641, false],
])('layers with 640 hidden values are split if a buffer may have the size of %i', async (count, isSplit) => {
  const result = await optimize(build(), { bufferBytes: 4 * 4 * count - 1 })
  expect(result.changed).toBe(isSplit)
})

test('layers that share weights with larger ones are split, too', async () => {
  const builder = new GraphBuilder(createRandom(3))
  const first = addMlp(builder, 'x')
  const part = ['starts', 'ends', 'axes'].map((_, index) => builder.whole([[0], [1], [1]][index]))
  const few = builder.add('Slice', [first, ...part])
  const product = builder.add('MatMul', [few, 'weights.0'])
  const layer = builder.add('Add', ['weights.1', product])
  const last = builder.add('MatMul', [builder.add('Erf', [layer]), 'weights.2'])
  const bytes = await expectSame(builder.finish(last, shape), { bufferBytes: 4 * 4 * 600 })
  expect(new Set(bytes.match(/\/hidden\/node\/MatMul_[13]_\d/g))).toHaveLength(8)
  for (const name of ['weights.0', 'weights.2']) expect(bytes).not.toContain(name)
})

test('if sizes are dynamic, only the narrowest layers are split', async () => {
  const builder = new GraphBuilder(createRandom(3))
  const narrow = addMlp(builder, 'x')
  const wide = builder.add('MatMul', [narrow, builder.weights([8, 16], 0.5)])
  const graph = builder.finish(addMlp(builder, wide, 16, 128), shape)
  const bytes = await expectSame({ ...graph, inputShape: undefined })
  expect(new Set(bytes.match(/\/hidden\/node\/MatMul_1_\d/g))).toHaveLength(4)
  expect(bytes).not.toContain('MatMul_4_output/hidden')
})

const read = (name: string, index: number, value: string) => (graph: GraphBuilder) => {
  graph.node(name).inputs[index] = value
}

test.each<[string, Layout]>([
  [
    'an operator that mixes channels',
    { tamper: graph => read('MatMul_1', 0, graph.add('Softmax', ['Mul_1_output']))(graph) },
  ],
  ['weights that vary', { tamper: graph => read('MatMul', 1, graph.add('Neg', ['weights.0']))(graph) }],
  ['a bias that varies', { tamper: graph => read('Add', 0, graph.add('Neg', ['weights.1']))(graph) }],
  ['another input between', { tamper: graph => read('Mul_1', 1, graph.add('ReduceMax', ['x']))(graph) }],
  ['an operator outside of ONNX', { tamper: graph => (graph.node('Erf').domain = 'ai.onnx.ml') }],
  [
    'a scalar that is computed before the first layer',
    {
      tamper: graph => {
        const scalar = graph.add('Mul', [graph.node('Div').inputs[1], graph.node('Mul_1').inputs[1]])
        graph.nodes.unshift(graph.nodes.pop()!)
        read('Div', 1, scalar)(graph)
      },
    },
  ],
  ['few hidden channels', { width: 64 }],
  ['no multiple of 64 hidden channels', { hidden: 96 }],
])('layers stay: %s', async (_, layout) => {
  const { changed } = await optimize(build(layout), options)
  // A constant that is not read any more is dropped in any case.
  expect(changed && (await readTarget()).includes('/hidden/')).toBe(false)
})

test.each(['Add_output', 'Mul_1_output', 'MatMul_output'])('layers stay if another node reads %s', name =>
  expectUnchangedIfRead(build(), name, options),
)
