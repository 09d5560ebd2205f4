import { expect, test } from 'vitest'
import { createRandom } from '../../core/test/matting/read-raster.ts'
import { addAttention, channelsPerHead, heads } from './support/attention.ts'
import { GraphBuilder, type Shape } from './support/graph-builder.ts'
import type { Graph } from './support/onnx.ts'
import { prepareSplitting, type Splitting } from './support/split.ts'

const positions = 5
const shape: Shape = [4, 3, positions, heads * channelsPerHead]
const count = shape[0] * shape[1]
/** Least size of a buffer with which all scores may be computed at once, bytes. */
const wholeBytes = 4 * 4 * count * heads * positions ** 2
const options = { bufferBytes: Math.ceil(wholeBytes / 3) }
const { optimize, expectSame, readTarget } = prepareSplitting(shape)

const flat = prepareSplitting([20, heads * channelsPerHead])

const prepared: Record<number, Splitting> = {
  7: prepareSplitting([4, 3, 49, heads * channelsPerHead]),
  2: prepareSplitting([4, 3, 4, heads * channelsPerHead]),
}

type Tamper = (graph: GraphBuilder) => void
type Mask = (builder: GraphBuilder) => string

/** The attention of 12 windows. */
function build({ mask, tamper = () => {} }: { mask?: Mask; tamper?: Tamper } = {}): Graph {
  const builder = new GraphBuilder(createRandom(5))
  const x = builder.reshape('x', [count, ...shape.slice(2)])
  const result = addAttention(builder, x, positions, mask?.(builder))
  tamper(builder)
  return builder.finish(result, shape)
}

const constantMask: Mask = builder => builder.weights([count, positions, positions], 3)

/** As Swin computes it: windows of a picture with numbered parts. Positions with other numbers must not see each other. */
const computedMask: Mask = builder => {
  const zero = builder.floats([], Float32Array.of(0))
  const rows = builder.add('Cast', [builder.add('Ceil', [builder.floats([], Float32Array.of(11.5))])], {
    to: 7,
  })
  const size = builder.add(
    'Concat',
    [builder.add('Unsqueeze', [rows, builder.whole([0])]), builder.whole([positions])],
    {
      axis: 0,
    },
  )
  const empty = builder.add('ConstantOfShape', [size])
  const numbers = builder.add('ScatterND', [
    empty,
    builder.whole([3, 1]),
    builder.floats([], Float32Array.of(2)),
  ])
  const [down, right] = [1, 2].map(axis => builder.add('Unsqueeze', [numbers, builder.whole([axis])]))
  const difference = builder.add('Sub', [down, right])
  const isSame = builder.add('Equal', [difference, zero])
  const isOther = builder.add('Cast', [builder.add('Not', [isSame])], { to: 9 })
  const low = builder.add('Where', [isOther, builder.floats([], Float32Array.of(-100)), difference])
  return builder.add('Where', [isSame, zero, low])
}

const countParts = (bytes: string) =>
  new Set(bytes.match(/MatMul_2_output\/windows\/\d+\/node\/MatMul_2/g)).size

test.each<[string, Mask | undefined]>([
  ['windows that are not shifted', undefined],
  ['a constant mask', constantMask],
  ['a mask that the graph computes', computedMask],
])('a large attention is computed in parts: %s', async (_, mask) => {
  expect(countParts(await expectSame(build({ mask }), options))).toBe(3)
})

test.each([
  ['as large as the limit: one part', wholeBytes, 0],
  ['a byte more: two parts', wholeBytes - 1, 2],
  ['no limit that could hold a window: a part for each', 1, count],
])('scores %s', async (_, bufferBytes, parts) => {
  expect(countParts(await expectSame(build({ mask: constantMask }), { bufferBytes }))).toBe(parts)
})

/** An attention of many positions, and the matrix behind it. */
function buildLarge(
  side: number,
  sums = 1,
  addWindows: (builder: GraphBuilder) => string = builder =>
    builder.reshape('x', [count, side ** 2, heads * channelsPerHead]),
): { graph: Graph; bufferBytes: number } {
  const many = side ** 2
  const builder = new GraphBuilder(createRandom(5))
  const channels = heads * channelsPerHead
  const picture: Shape = [4, 3, many, channels]
  const x = addWindows(builder)
  const mask = builder.weights([count, many, many], 3)
  const turned = builder.add('Transpose', [addAttention(builder, x, many, mask)], { perm: [0, 2, 1, 3] })
  const product = builder.add('MatMul', [
    builder.reshape(turned, [count, many, channels]),
    builder.weights([channels, channels], 1),
  ])
  let projected = product
  for (let i = 0; i < sums; i++) projected = builder.add('Add', [projected, builder.weights([channels], 1)])
  const windows = builder.reshape(projected, [-1, side, side, channels])
  const result = builder.add('Abs', [builder.reshape(windows, [3, 4, side, side, channels])])
  return {
    graph: builder.finish(result, picture),
    bufferBytes: Math.ceil((16 * count * heads * many ** 2) / 3),
  }
}

test.each([
  [7, 3],
  [2, 0],
])('windows with %i rows of positions: the matrices are in %i parts', async (side, parts) => {
  const { graph, bufferBytes } = buildLarge(side)
  const large = prepared[side]
  const bytes = await large.expectSame(graph, { bufferBytes })
  expect(new Set(bytes.match(/windows\/\d\/node\/Gather_\d_output\/attention\/node\/MatMul/g)).size).toBe(
    3 * parts,
  )
  expect(new Set(bytes.match(/windows\/\d\/node\/MatMul_3/g)).size).toBe(parts)
  expect(new Set(bytes.match(/windows\/\d\/node\/Softmax/g)).size).toBe(3)
})

/** Gathers the positions of windows in reverse order. */
function addGather(builder: GraphBuilder): string {
  const rows = builder.reshape('x', [count * 49, heads * channelsPerHead])
  const values = BigInt64Array.from({ length: count * 49 }, (_, row) => BigInt(count * 49 - 1 - row))
  const indices = builder.add('Constant', [], { value: { dims: [count, 49], values } })
  return builder.add('Gather', [rows, indices], { axis: 0 })
}

test.each<[string, number, (builder: GraphBuilder) => string]>([
  ['gathered in parts', 3, addGather],
  [
    'gathered at once if another node reads them',
    0,
    builder => {
      const windows = addGather(builder)
      builder.add('Neg', [windows])
      return windows
    },
  ],
  [
    'gathered at once if the indices vary',
    0,
    builder => {
      const windows = addGather(builder)
      const { inputs } = builder.node('Gather')
      inputs[1] = builder.add('Mul', [inputs[1], builder.whole(1)])
      return windows
    },
  ],
  [
    'gathered at once along another axis',
    0,
    builder => {
      const windows = builder.reshape('x', [count, 49, heads * channelsPerHead])
      const values = BigInt64Array.from({ length: 49 }, (_, index) => BigInt(48 - index))
      const indices = builder.add('Constant', [], { value: { dims: [49], values } })
      return builder.add('Gather', [windows, indices], { axis: 1 })
    },
  ],
])('windows are %s', async (_, parts, addWindows) => {
  const { graph, bufferBytes } = buildLarge(7, 1, addWindows)
  const neg = graph.nodes.find(({ op }) => op === 'Neg')
  const outputs = { ...graph.outputs, ...(neg && { [neg.outputs[0]]: 'float32' as const }) }
  const bytes = await prepared[7].expectSame({ ...graph, outputs }, { bufferBytes })
  expect(new Set(bytes.match(/windows\/\d\/node\/Gather(?!_)/g)).size).toBe(parts)
  expect(new Set(bytes.match(/windows\/\d\/node\/Softmax/g)).size).toBe(3)
})

/** @returns the result of an attention, [count, 49, channels] */
function addLarge(builder: GraphBuilder, x: string): string {
  const channels = heads * channelsPerHead
  const mask = builder.weights([count, 49, 49], 3)
  const turned = builder.add('Transpose', [addAttention(builder, x, 49, mask)], { perm: [0, 2, 1, 3] })
  return builder.reshape(turned, [count, 49, channels])
}

const largeBytes = Math.ceil((16 * count * heads * 49 ** 2) / 3)

test.each<[string, (builder: GraphBuilder) => string]>([
  [
    'the rows of the Gather',
    builder => {
      const rows = builder.reshape('x', [count, 49, heads * channelsPerHead])
      const values = BigInt64Array.from({ length: count }, (_, index) => BigInt((index * 5 + 3) % count))
      const indices = builder.add('Constant', [], { value: { dims: [count], values } })
      const windows = builder.add('Gather', [rows, indices], { axis: 0 })
      return builder.add('Add', [addLarge(builder, windows), rows])
    },
  ],
  [
    'a constant that is also added to each window',
    builder => {
      const x = builder.reshape('x', [count, 49, heads * channelsPerHead])
      const constant = builder.weights([count, 49, heads * channelsPerHead], 1)
      const sum = builder.add('Add', [addLarge(builder, x), constant])
      const each = builder.reshape(sum, [count, 1, 49, heads * channelsPerHead])
      return builder.add('Add', [each, constant])
    },
  ],
])('a value that is read as a whole is not divided: %s', async (_, add) => {
  const builder = new GraphBuilder(createRandom(5))
  const graph = builder.finish(add(builder), [4, 3, 49, heads * channelsPerHead])
  const bytes = await prepared[7].expectSame(graph, { bufferBytes: largeBytes })
  expect(new Set(bytes.match(/windows\/\d\/node\/Softmax/g)).size).toBe(3)
})

test('more parts than windows are not made', async () => {
  const many = 20
  const channels = heads * channelsPerHead
  const builder = new GraphBuilder(createRandom(5))
  const head = (perm: number[]) => {
    const product = builder.add('MatMul', ['x', builder.weights([channels, channels], 0.5)])
    const sum = builder.add('Add', [product, builder.weights([count, many, channels], 0.5)])
    return builder.add('Transpose', [builder.reshape(sum, [count, many, heads, channelsPerHead])], { perm })
  }
  const scores = builder.add('MatMul', [head([0, 2, 1, 3]), head([0, 2, 3, 1])])
  const weights = builder.add('Softmax', [scores], { axis: -1 })
  const graph = builder.finish(builder.add('MatMul', [weights, head([0, 2, 1, 3])]), [
    many,
    channels,
  ] as never)
  const bufferBytes = Math.ceil((16 * count * heads * many ** 2) / 16)
  const bytes = await flat.expectSame(graph, { bufferBytes })
  expect(new Set(bytes.match(/windows\/\d+\/node\/Softmax/g)).size).toBe(count)
})

test.each(['MatMul_2_output/windows/0/Softmax_output', 'MatMul_2_output/windows/1/node/Concat'])(
  'a graph with a value named %s is not damaged',
  async name => {
    const graph = build({ mask: constantMask })
    const nodes = [...graph.nodes, { op: 'Neg', inputs: ['x'], outputs: [name] }]
    const both = { ...graph, nodes, outputs: { ...graph.outputs, [name]: 'float32' as const } }
    const { changed } = await optimize(both, options)
    if (changed) await expectSame(both, options)
    else
      expect(await optimize(both, options)).toMatchObject({
        reason: expect.stringContaining('exists already'),
      })
  },
)

test('the nodes behind the attention are in parts, up to a limit', async () => {
  const { graph, bufferBytes } = buildLarge(7, 40)
  const bytes = await prepared[7].expectSame(graph, { bufferBytes })
  const inParts = (name: string) => bytes.includes(`/windows/0/node/${name}`)
  expect([inParts('Add_3'), inParts('Add_42')]).toEqual([true, false])
})

test('the bias may be computed', async () => {
  const tamper = (graph: GraphBuilder) => {
    const { inputs } = graph.node('Add_1')
    inputs[1] = graph.add('Transpose', [graph.add('Mul', [inputs[1], inputs[1]])], { perm: [0, 1, 3, 2] })
  }
  expect(countParts(await expectSame(build({ mask: constantMask, tamper }), options))).toBe(3)
})

test.each([
  [64, 64],
  [65, 0],
])('an attention that needs %i parts: %i', async (windows, parts) => {
  const builder = new GraphBuilder(createRandom(5))
  const picture: Shape = [windows, 1, positions, heads * channelsPerHead]
  const x = builder.reshape('x', [windows, ...picture.slice(2)])
  const graph = builder.finish(addAttention(builder, x, positions), picture)
  expect(await optimize(graph, { bufferBytes: 1 })).toMatchObject({ changed: true })
  expect(countParts(await readTarget())).toBe(parts)
})

test('one window is no part', async () => {
  const builder = new GraphBuilder(createRandom(5))
  const x = builder.reshape('x', [1, count * positions, heads * channelsPerHead])
  const graph = builder.finish(addAttention(builder, x, count * positions), shape)
  expect(countParts(await expectSame(graph, options))).toBe(0)
})

test('the shape of a value inside can be read', async () => {
  const graph = build({ mask: constantMask })
  const nodes = [...graph.nodes, { op: 'Shape', inputs: ['Softmax_output'], outputs: ['sizes'] }]
  const outputs = { ...graph.outputs, sizes: 'int64' as const }
  expect(countParts(await expectSame({ ...graph, nodes, outputs }, options))).toBe(3)
})

const replaceInput = (name: string, index: number, op: string) => (graph: GraphBuilder) => {
  const { inputs } = graph.node(name)
  inputs[index] = graph.add(op, [inputs[index]])
}

function useOtherValues(graph: GraphBuilder): void {
  const product = graph.add('MatMul', [graph.add('Abs', ['Reshape_output']), graph.weights([8, 8], 1)])
  const divided = graph.reshape(product, [count, positions, heads, channelsPerHead])
  graph.node('MatMul_2').inputs[1] = graph.add('Transpose', [divided], { perm: [0, 2, 1, 3] })
}

/** Adds zeros many times. */
function addZeros(graph: GraphBuilder): void {
  const zero = graph.floats([], Float32Array.of(0))
  const { inputs } = graph.node('Softmax')
  for (let count = 0; count < 32; count++) inputs[0] = graph.add('Add', [inputs[0], zero])
}

test.each<[string, Tamper]>([
  ['scores over the windows', graph => (graph.node('Softmax').attributes = { axis: 0 })],
  ['the same axis, counted from the end', graph => (graph.node('Softmax').attributes = { axis: -4 })],
  ['keys in another order', graph => (graph.node('Transpose_1').attributes = { perm: [1, 0, 3, 2] })],
  ['a mask of unknown size', replaceInput('Add_2', 1, 'Abs')],
  ['an operator that is not known', replaceInput('Softmax', 0, 'Abs')],
  ['values of another input', useOtherValues],
  ['too many nodes', addZeros],
  ['an operator after the scores', replaceInput('MatMul_2', 0, 'Erf')],
  [
    'a shape that joins windows',
    graph => (graph.constant('Reshape_3', 1).values = BigInt64Array.of(6n, 4n, 5n, 5n)),
  ],
  ['an operator outside of ONNX', graph => (graph.node('Softmax').domain = 'ai.onnx.ml')],
  ['a sum of windows at two axes', graph => (graph.node('Add_2').inputs[1] = 'Transpose_output')],
  ['scores on the right', graph => graph.node('MatMul_2').inputs.reverse()],
  [
    'no constant number of windows',
    graph => (graph.constant('Reshape', 1).values = BigInt64Array.of(-1n, 5n, 8n)),
  ],
])('an attention stays whole: %s', async (_, tamper) => {
  const graph = build({ mask: constantMask, tamper })
  expect(await optimize({ ...graph, inputShape: undefined }, options)).toMatchObject({ changed: true })
  expect(countParts(await readTarget())).toBe(0)
})

test.each(['Mul_output', 'MatMul_1_output', 'Add_2_output', 'Softmax_output'])(
  'an attention stays whole if another node reads %s, or if it is an output',
  async name => {
    const graph = build({ mask: constantMask })
    const nodes = [...graph.nodes, { op: 'Neg', inputs: [name], outputs: ['other'] }]
    for (const added of [
      { nodes, outputs: { ...graph.outputs, other: 'float32' as const } },
      { outputs: { ...graph.outputs, [name]: 'float32' as const } },
    ])
      expect(countParts(await expectSame({ ...graph, ...added }, options))).toBe(0)
  },
)

test('an attention stays whole in a graph of an opset that normalizes in another way', async () => {
  expect(await optimize({ ...build(), opset: 12 }, options)).toMatchObject({ changed: true })
  expect(countParts(await readTarget())).toBe(0)
})
