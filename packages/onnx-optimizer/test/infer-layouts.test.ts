import { expect, test } from 'vitest'
import { inferLayouts } from '../src/infer-layouts.ts'
import type { Layout } from '../src/layout.ts'
import { readModel } from '../src/read-model.ts'
import { indexValues } from '../src/values.ts'
import { WireFile } from '../src/wire-file.ts'
import { GraphBuilder } from './support/graph-builder.ts'
import { writeOnnx } from './support/onnx.ts'

/** Infers the value that `build` returns. `x` has the shape [2,3,5,8]. */
async function infer(build: (graph: GraphBuilder) => string): Promise<Layout | undefined> {
  const builder = new GraphBuilder(() => 0.5)
  const bytes = writeOnnx(builder.finish(build(builder), [2, 3, 5, 8]))
  const read = (target: Uint8Array, position: number) => {
    const part = bytes.subarray(position, position + target.length)
    target.set(part)
    return part.length
  }
  const { graph } = await readModel(new WireFile({ size: bytes.length, read }), undefined)
  return inferLayouts(graph, indexValues(graph))(graph.outputs[0])
}

const six = { value: { dims: [1], values: BigInt64Array.of(6n) } }
const float = (value: number) => (graph: GraphBuilder) => graph.floats([], Float32Array.of(value))

function splitChannels(graph: GraphBuilder, part: number, axis = 1): string {
  const output = graph.add('Split', ['x', graph.whole([1, 2])], { axis })
  graph.node('Split').outputs.push('second')
  return [output, 'second'][part]
}

test.each<[string, number[], (graph: GraphBuilder) => string]>([
  ['Softmax', [2, 3, 5, 8], graph => graph.add('Softmax', ['x'])],
  ['MatMul by a matrix', [2, 3, 5, 4], graph => graph.add('MatMul', ['x', graph.weights([8, 4], 1)])],
  [
    'MatMul by matrices',
    [2, 3, 5, 5],
    graph => graph.add('MatMul', ['x', graph.add('Transpose', ['x'], { perm: [0, 1, 3, 2] })]),
  ],
  [
    'Gather of rows',
    [2, 3, 5, 2, 1, 8],
    graph => graph.add('Gather', ['x', graph.weights([2, 1, 8], 1)], { axis: 3 }),
  ],
  [
    'Where',
    [2, 3, 5, 8],
    graph => graph.add('Where', [graph.weights([5, 1], 1), graph.weights([8], 1), 'x']),
  ],
  ['Equal', [2, 3, 5, 8], graph => graph.add('Equal', [graph.weights([1, 1, 8], 1), 'x'])],
  ['Sub', [4, 2, 3, 5, 8], graph => graph.add('Sub', ['x', graph.weights([4, 1, 1, 1, 1], 1)])],
  ['Not', [2, 3, 5, 8], graph => graph.add('Not', ['x'])],
  ...['Relu', 'Sigmoid', 'BatchNormalization'].map(
    (op): [string, number[], (graph: GraphBuilder) => string] => [
      op,
      [2, 3, 5, 8],
      graph => graph.add(op, ['x']),
    ],
  ),
  ['GlobalAveragePool', [2, 3, 1, 1], graph => graph.add('GlobalAveragePool', ['x'])],
  [
    'DeformConv',
    [2, 4, 3, 4],
    graph =>
      graph.add('DeformConv', ['x', graph.weights([4, 3, 3, 3], 1), 'x'], {
        strides: [2, 2],
        pads: [1, 1, 1, 1],
      }),
  ],
  ['Split', [2, 1, 5, 8], graph => splitChannels(graph, 0)],
  ['Split along an axis counted from the end', [2, 1, 5, 8], graph => splitChannels(graph, 0, -3)],
  ['the second part of Split', [2, 2, 5, 8], graph => splitChannels(graph, 1)],
  ['Cast', [2, 3, 5, 8], graph => graph.add('Cast', ['x'], { to: 9 })],
  [
    'ScatterND',
    [2, 3, 5, 8],
    graph => graph.add('ScatterND', ['x', graph.whole([0]), graph.weights([1], 1)]),
  ],
  ['ConstantOfShape', [4, 6], graph => graph.add('ConstantOfShape', [graph.whole([4, 6])], six)],
])('the shape of %s', async (_, dims, build) => {
  expect(await infer(build)).toEqual({ dims, unit: 1 })
})

test.each<[string, (graph: GraphBuilder) => string]>([
  [
    'MatMul by other numbers of matrices',
    graph => graph.add('MatMul', ['x', graph.weights([2, 1, 8, 4], 1)]),
  ],
  ['MatMul by a list', graph => graph.add('MatMul', ['x', graph.weights([8], 1)])],
  ['a sum with an unknown value', graph => graph.add('Add', ['x', graph.add('Unknown', ['x'])])],
  [
    'Gather along an axis counted from the end',
    graph => graph.add('Gather', ['x', graph.whole([0])], { axis: -1 }),
  ],
  [
    'a reversed Slice from before the start',
    graph => graph.add('Slice', ['x', ...[-100, -200, 2, -1].map(number => graph.whole([number]))]),
  ],
  [
    'a reversed Slice to behind the end',
    graph => graph.add('Slice', ['x', ...[-1, 2 ** 31 - 1, 2, -1].map(number => graph.whole([number]))]),
  ],
  ['sizes that differ', graph => graph.add('Add', ['x', graph.weights([7], 1)])],
])('the shape is unknown: %s', async (_, build) => {
  expect(await infer(build)).toBe(undefined)
})

test.each<[string, number[], (graph: GraphBuilder) => string]>([
  [
    'Div of floats',
    [22],
    graph => {
      const size = graph.add('Cast', [graph.whole(256)], { to: 1 })
      const windows = graph.add('Ceil', [graph.add('Div', [size, float(12)(graph)])])
      return graph.add('Cast', [windows], { to: 7 })
    },
  ],
  ['Ceil', [12], graph => graph.add('Cast', [graph.add('Ceil', [float(11.25)(graph)])], { to: 7 })],
  [
    'ConstantOfShape',
    [6, 6],
    graph =>
      graph.add('ConstantOfShape', [graph.whole([2])], {
        value: { dims: [1], values: BigInt64Array.of(6n) },
      }),
  ],
])('the numbers of %s', async (_, numbers, build) => {
  expect((await infer(build))?.cells).toEqual(Float64Array.from(numbers))
})

test.each<[string, (graph: GraphBuilder) => string]>([
  ['a fraction', graph => graph.add('Cast', [float(11.25)(graph)], { to: 7 })],
  ['floats', graph => graph.add('Cast', [graph.whole([3])], { to: 1 })],
  [
    'a product of floats',
    graph => graph.add('Cast', [graph.add('Mul', [float(6)(graph), float(3)(graph)])], { to: 7 }),
  ],
  ['a float in place of whole numbers', graph => graph.add('Add', [float(3)(graph), graph.whole([3])])],
])('the numbers are unknown: %s', async (_, build) => {
  expect((await infer(build))?.cells).toBe(undefined)
})
