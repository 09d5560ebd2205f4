import { expect, test } from 'vitest'
import { createRandom } from '../../core/test/matting/read-raster.ts'
import { GraphBuilder, type Shape } from './support/graph-builder.ts'
import type { Graph } from './support/onnx.ts'
import { addList, addPositions, addSize, addWindows } from './support/shifted-windows.ts'
import { prepareSplitting } from './support/split.ts'

const channels = 8
/** A picture whose positions are 2 × 2 px. */
const shape: Shape = [1, 3, 20, 36]
const { optimize, expectEqual, expectUnchangedIfRead, readTarget } = prepareSplitting(shape)

interface Options {
  /** Side of a window. */
  side?: number
  shift?: number
  /** Whether the picture is first resized to these sizes, so that PyTorch does not know the number of positions. */
  resized?: [height: number, width: number]
  tamper?: (graph: GraphBuilder) => void
}

/** A convolution of the picture to [1, positions, channels], and the number of positions as scalars. */
function addTokens(graph: GraphBuilder, resized?: [number, number]) {
  let picture = 'x'
  if (resized) {
    const start = graph.add('Slice', [
      graph.add('Shape', ['x']),
      graph.whole([0]),
      graph.whole([2]),
      graph.whole([0]),
    ])
    const sizes = graph.add('Concat', [start, graph.whole(resized)], { axis: 0 })
    const modes = { coordinate_transformation_mode: 'align_corners', mode: 'linear' }
    picture = graph.add('Resize', ['x', '', '', sizes], modes)
  }
  const patches = { kernel_shape: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 }
  const conv = graph.add('Conv', [picture, graph.weights([channels, 3, 2, 2], 0.5)], patches)
  const [height, width] = resized
    ? [2, 3].map(axis => addSize(graph, conv, axis))
    : [shape[2], shape[3]].map(size => graph.whole(size / 2))
  const flat = graph.add('Reshape', [conv, addList(graph, [1, channels, -1])])
  const tokens = graph.add('Transpose', [flat], { perm: [0, 2, 1] })
  const scale = graph.weights([channels], 1)
  return { tokens, normalized: graph.add('LayerNormalization', [tokens, scale], { axis: -1 }), height, width }
}

/** A block of a transformer with shifted windows: a layer in the place of the attention. */
function build({ side = 4, shift = 2, resized }: Options = {}): Graph {
  const graph = new GraphBuilder(createRandom(5))
  const { tokens, height, width, normalized } = addTokens(graph, resized)
  const layout = { height, width, channels, side, shift }
  const { windows, ...size } = addWindows(graph, normalized, layout)
  const product = graph.add('MatMul', [windows, graph.weights([channels, channels], 0.5)])
  const layer = graph.add('Add', [graph.weights([channels], 0.5), product])
  const back = addPositions(graph, { windows: layer, ...size }, layout)
  const sum = graph.add('Add', [tokens, back])
  return graph.finish(graph.add('Softmax', [sum], { axis: -1 }), shape)
}

/** The way to the windows only. */
function buildWindows({ side = 4, shift = 2, resized, tamper = () => {} }: Options = {}): Graph {
  const graph = new GraphBuilder(createRandom(5))
  const { normalized, height, width } = addTokens(graph, resized)
  const { windows } = addWindows(graph, normalized, { height, width, channels, side, shift })
  const output = graph.add('Softmax', [windows], { axis: -1 })
  tamper(graph)
  return graph.finish(output, shape)
}

const countOf = (bytes: string, node: string) =>
  new Set(bytes.match(new RegExp(`\\w+/rows/node/${node}`, 'g'))).size

test.each<[string, Options, boolean]>([
  ['positions that fill the windows', { side: 2, shift: 1 }, false],
  ['positions that must be padded', { side: 4, shift: 2 }, true],
  ['one axis that must be padded', { side: 5, shift: 2 }, true],
  ['one window', { side: 18, shift: 9 }, true],
  ['sizes that are computed', { side: 4, shift: 2, resized: [12, 20] }, true],
])('shifted windows are gathered at once: %s', async (_, options, isPadded) => {
  const bytes = await expectEqual(build(options))
  expect(countOf(bytes, 'Gather')).toBe(2)
  expect(countOf(bytes, 'Pad')).toBe(isPadded ? 1 : 0)
  // Only the shape of the picture is read, by the Resize.
  expect(countOf(bytes, 'Reshape')).toBe(2)
  expect(bytes.match(/Slice(_\d+)?_output/g) ?? []).toHaveLength(options.resized ? 2 : 0)
})

/** The nodes from the positions to the windows. */
const names = {
  shaped: 'Reshape_1',
  padded: 'Pad',
  slice: 'Slice_1',
  rolled: 'Concat_5',
  divided: 'Reshape_4',
  turned: 'Transpose_2',
  squares: 'Reshape_5',
  windows: 'Reshape_6',
}

test('the windows alone are gathered', async () => {
  const graph = buildWindows()
  expect(countOf(await expectEqual(graph), 'Gather')).toBe(1)
  for (const name of Object.values(names)) expect(graph.nodes.map(node => node.name)).toContain(name)
})

/** Replaces a list or a number that a node reads. */
const whole =
  (name: string, index: number, numbers: number[]) =>
  (graph: GraphBuilder): void => {
    graph.node(name).inputs[index] = graph.whole(numbers)
  }

/** Replaces an input of a node. */
const read =
  (name: string, index: number, add: (graph: GraphBuilder) => string) =>
  (graph: GraphBuilder): void => {
    graph.node(name).inputs[index] = add(graph)
  }

const float = (value: number) => (graph: GraphBuilder) => graph.floats([], Float32Array.of(value))

test.each<[string, (graph: GraphBuilder) => void]>([
  ['another mode of a Pad', graph => (graph.node(names.padded).attributes!.mode = 'edge')],
  ['another value of a Pad', read(names.padded, 2, float(1))],
  ['the value -0 of a Pad', read(names.padded, 2, float(-0))],
  [
    'a value of a Pad that varies',
    read(names.padded, 2, graph => graph.add('ReduceMax', ['x'], { keepdims: 0 })),
  ],
  ['axes of a Pad', read(names.padded, 3, graph => graph.whole([0, 1, 2, 3]))],
  ['a Pad that cuts', whole(names.padded, 1, [0, 0, 0, 0, 0, 2, -2, 0])],
  ['a Pad of channels', whole(names.padded, 1, [0, 0, 0, 0, 0, 2, 2, 8])],
  ['rows that are divided', whole(names.divided, 1, [1, 3, 4, 5, 8, 4])],
  ['an order that divides rows', graph => (graph.node(names.turned).attributes!.perm = [0, 1, 3, 2, 5, 4])],
  ['an order without an axis', graph => (graph.node(names.turned).attributes!.perm = [0, 1, 3, 2, 4, 4])],
  ['part of the channels', whole(names.slice, 3, [3])],
  ['a roll of channels', graph => (graph.node(names.rolled).attributes!.axis = 3)],
  ['a step of 2', read(names.slice, 4, graph => graph.whole([2]))],
  [
    'rows in the opposite order',
    graph => {
      for (const [index, numbers] of [[-1], [-(2 ** 40)], [1], [-1]].entries())
        whole(names.slice, index + 1, numbers)(graph)
      whole('Slice_2', 2, [0])(graph)
    },
  ],
  [
    'a start that varies',
    read(names.slice, 1, graph => graph.add('Cast', [graph.add('ReduceMax', ['x'])], { to: 7 })),
  ],
  ['an axis that does not exist', whole(names.slice, 3, [4])],
  ['parts of two values', read(names.slice, 0, graph => graph.add('Neg', ['Pad_output']))],
  ['a value of unknown shape', read(names.padded, 0, graph => graph.add('Neg', ['Reshape_1_output']))],
  ['an operator outside of ONNX', graph => (graph.node(names.padded).domain = 'ai.onnx.ml')],
  ['sizes that keep 0', graph => (graph.node(names.squares).attributes!.allowzero = 1)],
])('shifted windows stay: %s', async (_, tamper) => {
  const { changed } = await optimize(buildWindows({ tamper }))
  // A constant that is not read any more is dropped in any case.
  expect(changed && (await readTarget()).includes('/rows/')).toBe(false)
})

test('shifted windows stay if an order divides rows that are as long as a window', async () => {
  const tamper = (graph: GraphBuilder) => (graph.node(names.turned).attributes!.perm = [0, 1, 3, 2, 5, 4])
  expect((await optimize(buildWindows({ side: channels, tamper }))).changed).toBe(false)
})

test('shifted windows stay if part of a shape between is read', async () => {
  const graph = buildWindows()
  const shape = {
    op: 'Shape',
    inputs: [`${names.padded}_output`],
    outputs: ['size'],
    attributes: { start: 1 },
  }
  const outputs = { ...graph.outputs, size: 'int64' as const }
  expect((await optimize({ ...graph, nodes: [...graph.nodes, shape], outputs })).changed).toBe(false)
})

test('shifted windows stay if a size is read from part of a shape', async () => {
  const tamper = (graph: GraphBuilder) => (graph.node('Shape_1').attributes = { start: 0 })
  expect((await optimize(buildWindows({ resized: [12, 20], tamper }))).changed).toBe(false)
})

test('windows that are not shifted stay', async () => {
  expect((await optimize(build({ shift: 0 }))).changed).toBe(false)
})

test('shifted windows stay if their number is dynamic', async () => {
  const { inputShape: _, ...graph } = buildWindows({ resized: [12, 20] })
  expect((await optimize(graph)).changed).toBe(false)
})

test('shifted windows stay if there are too many positions', async () => {
  const graph = buildWindows({ resized: [2048, 2056] })
  expect((await optimize(graph)).changed).toBe(false)
})

test('shifted windows stay if all that were gathered before have too many positions together', async () => {
  const graph = new GraphBuilder(createRandom(5))
  const { normalized, height, width } = addTokens(graph, [2040, 2052])
  const layout = { height, width, channels, side: 4, shift: 2 }
  const all = Array.from({ length: 5 }, () => addWindows(graph, normalized, layout).windows)
  const sum = all.reduce((one, other) => graph.add('Add', [one, other]))
  expect((await optimize(graph.finish(sum, shape))).changed).toBe(true)
  expect(countOf(await readTarget(), 'Gather')).toBe(3)
})

test('shifted windows stay in a graph of an opset that pads in another way', async () => {
  expect((await optimize({ ...buildWindows(), opset: 12 })).changed).toBe(false)
})

const { shaped, padded, slice, ...later } = names

test.each([shaped, padded, slice])('shifted windows stay if another node reads the result of %s', name =>
  expectUnchangedIfRead(buildWindows(), `${name}_output`),
)

const withoutLast = Object.values(later).slice(0, -1)

test.each(withoutLast)('shifted windows stay if the result of %s is an output', async name => {
  const graph = buildWindows()
  const outputs = { ...graph.outputs, [`${name}_output`]: 'float32' as const }
  expect((await optimize({ ...graph, outputs })).changed).toBe(false)
})

test.each(withoutLast)('what comes before is gathered if another node reads the result of %s', async name => {
  const graph = buildWindows()
  const nodes = [...graph.nodes, { op: 'Neg', inputs: [`${name}_output`], outputs: ['other'] }]
  const outputs = { ...graph.outputs, other: 'float32' as const }
  expect(await expectEqual({ ...graph, nodes, outputs })).toContain(`${name}_output/rows/node/Gather`)
})
