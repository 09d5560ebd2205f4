import { describe, expect, test } from 'vitest'
import { createRandom } from '../../core/test/matting/read-raster.ts'
import { GraphBuilder, type Shape } from './support/graph-builder.ts'
import type { Graph, GraphNode } from './support/onnx.ts'
import { prepareSplitting, unchanged } from './support/split.ts'

type Tamper = (graph: GraphBuilder) => void

const shape: Shape = [1, 3, 6, 5]
const { optimize, expectSame } = prepareSplitting(shape)
const plain = { kernel_shape: [1, 1], pads: [0, 0, 0, 0], strides: [1, 1], dilations: [1, 1], group: 1 }
const same = { ...plain, kernel_shape: [3, 3], pads: [1, 1, 1, 1] }

/** The end of an atrous pyramid: two parts of the picture's size and one of a pixel, then a 1×1 convolution. */
function buildPyramid(tamper: Tamper = () => {}, bias = true): Graph {
  const builder = new GraphBuilder(createRandom(3))
  const weights = (dims: number[]) => builder.weights(dims, 0.5)
  const parts = [16, 32].map(channels =>
    builder.add('Relu', [builder.add('Conv', ['x', weights([channels, 3, 3, 3])], { ...same })]),
  )
  const mean = builder.add('GlobalAveragePool', ['x'])
  const pixel = builder.add('Relu', [builder.add('Conv', [mean, weights([16, 3, 1, 1])], { ...plain })])
  const sizes = builder.whole([1, 16, 6, 5])
  const modes = { coordinate_transformation_mode: 'align_corners', mode: 'linear' }
  const spread = builder.add('Resize', [pixel, '', '', sizes], { ...modes })
  const all = builder.add('Concat', [...parts, spread], { axis: 1 })
  const biases = bias ? [weights([8])] : []
  const output = builder.add('Conv', [all, weights([8, 64, 1, 1]), ...biases], { ...plain })
  tamper(builder)
  return builder.finish(output, shape)
}

/** Two convolutions with 32 channels between them. */
function buildMiddle(tamper: Tamper = () => {}, bias = true, middle = 32): Graph {
  const builder = new GraphBuilder(createRandom(3))
  const weights = (dims: number[]) => builder.weights(dims, 0.5)
  const biases = (count: number) => (bias ? [weights([count])] : [])
  const many = builder.add('Conv', ['x', weights([middle, 3, 3, 3]), ...biases(middle)], { ...same })
  const last = { ...same, strides: [2, 1], pads: [0, 1, 1, 0] }
  const output = builder.add('Conv', [many, weights([2, middle, 3, 3]), ...biases(2)], last)
  tamper(builder)
  return builder.finish(output, shape)
}

const read = (name: string, index: number, value: string) => (graph: GraphBuilder) => {
  graph.node(name).inputs[index] = value
}

const set = (name: string, attribute: string, value: number | string | number[]) => (graph: GraphBuilder) => {
  graph.node(name).attributes![attribute] = value
}

/** Adds a reader of a value, whose result is a second output. */
function withReader(graph: Graph, name: string): Graph {
  const nodes: GraphNode[] = [...graph.nodes, { op: 'Neg', inputs: [name], outputs: ['other'] }]
  return { ...graph, nodes, outputs: { ...graph.outputs, other: 'float32' } }
}

describe('a 1×1 convolution of a Concat', () => {
  test.each([true, false])('becomes one convolution per part (bias: %s)', async bias => {
    const bytes = await expectSame(buildPyramid(() => {}, bias))
    expect(new Set(bytes.match(/\/parts\/Conv_\d/g))).toHaveLength(3)
    for (const op of ['Concat', 'Resize']) expect(bytes).not.toContain(op)
  })

  test('without a part of one pixel', async () => {
    const bytes = await expectSame(
      buildPyramid(graph => {
        graph.node('Concat').inputs[2] = graph.node('Relu').outputs[0]
      }),
    )
    expect(new Set(bytes.match(/\/parts\/Conv_\d/g))).toHaveLength(3)
  })

  test.each<[string, Tamper]>([
    ['an enlargement of more than a pixel', graph => (graph.node('GlobalAveragePool').op = 'Identity')],
    ['another axis', set('Concat', 'axis', -3)],
    ['cubic enlargement', set('Resize', 'mode', 'cubic')],
    ['an enlargement with another policy', set('Resize', 'exclude_outside', 0)],
    ['strides', set('Conv_3', 'strides', [2, 2])],
    ['pads', set('Conv_3', 'pads', [1, 1, 1, 1])],
    ['weights that vary', graph => read('Conv_3', 1, graph.add('Neg', ['weights.4']))(graph)],
    ['channels of no convolution', graph => read('Concat', 0, graph.add('Tanh', ['Relu_output']))(graph)],
    ['a part outside of ONNX', graph => (graph.node('Relu').domain = 'ai.onnx.ml')],
  ])('stays: %s', async (_, tamper) => {
    expect(await optimize(buildPyramid(tamper))).toEqual(unchanged)
  })

  test('stays if another node reads the Concat', async () => {
    expect(await optimize(withReader(buildPyramid(), 'Concat_output'))).toEqual(unchanged)
  })

  test('stays if the Concat is an output', async () => {
    const graph = buildPyramid()
    const outputs = { ...graph.outputs, Concat_output: 'float32' } as const
    expect(await optimize({ ...graph, outputs })).toEqual(unchanged)
  })
})

describe('two convolutions with many channels between them', () => {
  test.each([true, false])('become pairs of 16 channels (bias: %s)', async bias => {
    const bytes = await expectSame(buildMiddle(() => {}, bias))
    expect(new Set(bytes.match(/\/middle\/Second_\d/g))).toHaveLength(2)
    expect(bytes).not.toContain('weights.0')
  })

  test.each<[string, Tamper, number?]>([
    ['an activation between', graph => read('Conv_1', 0, graph.add('Relu', ['Conv_output']))(graph)],
    ['groups', set('Conv', 'group', 3)],
    ['weights that vary', graph => read('Conv_1', 1, graph.add('Neg', ['weights.2']))(graph)],
    ['a bias that varies', graph => read('Conv', 2, graph.add('Neg', ['weights.1']))(graph)],
    ['16 channels', () => {}, 16],
    ['no multiple of 16 channels', () => {}, 40],
  ])('stay: %s', async (_, tamper, middle = 32) => {
    expect(await optimize(buildMiddle(tamper, true, middle))).toEqual(unchanged)
  })

  test('stay if another node reads the middle', async () => {
    expect(await optimize(withReader(buildMiddle(), 'Conv_output'))).toEqual(unchanged)
  })

  test('stay if the middle is an output', async () => {
    const graph = buildMiddle()
    const outputs = { ...graph.outputs, Conv_output: 'float32' } as const
    expect(await optimize({ ...graph, outputs })).toEqual(unchanged)
  })
})
