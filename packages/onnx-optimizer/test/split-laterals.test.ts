import { readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { expect, onTestFinished, test } from 'vitest'
import { createRandom } from '../../core/test/matting/read-raster.ts'
import { GraphBuilder, type Shape } from './support/graph-builder.ts'
import type { Constant, Graph } from './support/onnx.ts'
import { prepareSplitting } from './support/split.ts'

const shape: Shape = [1, 3, 16, 12]
const { optimize, expectSame, readTarget, target } = prepareSplitting(shape)

const pointwise = {
  kernel_shape: [1, 1],
  pads: [0, 0, 0, 0],
  strides: [1, 1],
  dilations: [1, 1],
  group: 1,
}
const modes = { coordinate_transformation_mode: 'align_corners', mode: 'linear' }

type Tamper = (graph: GraphBuilder) => void

/** A level of BiRefNet's decoder, whose context is a Resize of the same Concat. */
function build(tamper: Tamper = () => {}): Graph {
  const builder = new GraphBuilder(createRandom(3))
  const output = addLevel(builder)
  tamper(builder)
  return builder.finish(output, shape)
}

function addLevel(builder: GraphBuilder): string {
  const weights = (dims: number[]) => builder.weights(dims, 0.5)
  const resize = (value: string, dims: number[]) =>
    builder.add('Resize', [value, '', '', builder.whole(dims)], { ...modes })
  const conv = (value: string, from: number, to: number) =>
    builder.add('Conv', [value, weights([to, from, 1, 1]), weights([to])], { ...pointwise })
  const fine = conv('x', 3, 6)
  const coarse = conv(resize('x', [1, 3, 8, 6]), 3, 5)
  const both = builder.add('Concat', [fine, resize(coarse, [1, 5, 16, 12])], { axis: 1 })
  const context = resize(both, [1, 11, 4, 3])
  const deep = resize(conv(context, 11, 7), [1, 7, 8, 6])
  const level = resize(builder.add('Relu', [deep]), [1, 7, 16, 12])
  return builder.add('Add', [level, conv(both, 11, 7)])
}

test('a lateral connection is convolved at each resolution', async () => {
  const bytes = await expectSame(build())
  expect(bytes).toContain('/coarse/node/Conv')
  // The whole weights of the connection.
  expect(bytes).not.toContain('weights.6')
})

test('its convolution runs after the level below', async () => {
  await optimize(build())
  const prefix = join(tmpdir(), `nobg-lateral-${process.pid}`)
  const session = await InferenceSession.create(target(), {
    enableProfiling: true,
    profileFilePrefix: prefix,
    logSeverityLevel: 4,
  })
  onTestFinished(async () => {
    const files = await readdir(tmpdir())
    for (const file of files.filter(file => file.startsWith(`nobg-lateral-${process.pid}`)))
      await rm(join(tmpdir(), file))
  })
  await session.run({ x: new Tensor('float32', new Float32Array(3 * 16 * 12), shape) })
  session.endProfiling()
  const files = await readdir(tmpdir())
  const profile = files.find(file => file.startsWith(`nobg-lateral-${process.pid}`))!
  const events: { name: string }[] = JSON.parse(await readFile(join(tmpdir(), profile), 'utf8'))
  const names = events.map(({ name }) => name).filter(name => name.endsWith('_kernel_time'))
  const placeOf = (part: string) => names.findIndex(name => name.startsWith(part))
  expect(placeOf('Conv_3')).toBeGreaterThan(placeOf('Relu'))
  expect(placeOf('Relu')).toBeGreaterThan(-1)
})

test('readers of the shape get the shape', async () => {
  const graph = build()
  const sizes = ['Shape', 'Cast', 'ReduceSum'].map((op, index) => ({
    op,
    inputs: [['Concat_output', 'shape', 'floats'][index]],
    outputs: [['shape', 'floats', 'total'][index]],
    attributes: [{}, { to: 1 }, { keepdims: 0 }][index],
  }))
  const add = { op: 'Add', inputs: ['Add_output', 'total'], outputs: ['both'] }
  const nodes = [...graph.nodes, ...sizes, add]
  expect(await expectSame({ ...graph, nodes, outputs: { both: 'float32' } })).not.toContain('Concat_output')
})

const read = (name: string, index: number, value: string) => (graph: GraphBuilder) => {
  graph.node(name).inputs[index] = value
}
const set = (name: string, attribute: string, value: number | string) => (graph: GraphBuilder) => {
  graph.node(name).attributes![attribute] = value
}
const resizeTo = (name: string, dims: number[]) => (graph: GraphBuilder) =>
  read(name, 3, graph.whole(dims))(graph)

test.each<[string, Tamper]>([
  ['another mode of the level below', set('Resize_4', 'coordinate_transformation_mode', 'half_pixel')],
  [
    'modes that look at the whole picture',
    graph => {
      for (const name of ['Resize_1', 'Resize_4'])
        set(name, 'coordinate_transformation_mode', 'tf_crop_and_resize')(graph)
    },
  ],
  ['no linear enlargement', set('Resize_1', 'mode', 'nearest')],
  ['a smoothed context', set('Resize_2', 'antialias', 1)],
  ['no linear context', set('Resize_2', 'mode', 'cubic')],
  [
    'a larger kernel',
    graph => {
      graph.constants['weights.6'] = { dims: [7, 11, 3, 3], values: new Float32Array(693).fill(0.1) }
      graph.node('Conv_3').attributes!.kernel_shape = [3, 3]
      graph.node('Conv_3').attributes!.pads = [1, 1, 1, 1]
    },
  ],
  ['weights that vary', graph => read('Conv_3', 1, graph.add('Neg', ['weights.6']))(graph)],
  [
    'a product in place of the sum',
    graph => {
      graph.node('Add').op = 'Mul'
    },
  ],
  ['no enlargement of the level below', read('Add', 0, 'Conv_3_output')],
  [
    'a level below of another size',
    graph => {
      resizeTo('Resize_3', [1, 7, 4, 6])(graph)
    },
  ],
  [
    'one channel below',
    graph => {
      graph.constants['weights.4'] = { dims: [1, 11, 1, 1], values: new Float32Array(11).fill(0.1) }
      graph.constants['weights.5'] = { dims: [1], values: new Float32Array(1) }
      resizeTo('Resize_3', [1, 1, 8, 6])(graph)
      resizeTo('Resize_4', [1, 1, 16, 12])(graph)
    },
  ],
  [
    'a context with other channels',
    graph => {
      resizeTo('Resize_2', [1, 22, 4, 3])(graph)
      graph.constants['weights.4'] = { dims: [7, 22, 1, 1], values: new Float32Array(154).fill(0.1) }
    },
  ],
  [
    'equal resolutions',
    graph => {
      resizeTo('Resize', [1, 3, 16, 12])(graph)
      resizeTo('Resize_3', [1, 7, 16, 12])(graph)
    },
  ],
])('a connection stays: %s', async (_, tamper) => {
  const graph = build(tamper)
  const { changed } = await optimize(graph)
  expect(changed && (await readTarget()).includes('/coarse/')).toBe(false)
})

test.each(['Concat_output', 'Conv_3_output', 'Resize_4_output'])(
  'a connection stays if another node reads %s, or if it is an output',
  async name => {
    const graph = build()
    const other = { op: 'Neg', inputs: [name], outputs: ['other'] }
    const { nodes, outputs } = graph
    for (const one of [
      { ...graph, nodes: [...nodes, other], outputs: { ...outputs, other: 'float32' as const } },
      { ...graph, outputs: { ...outputs, [name]: 'float32' as const } },
    ])
      expect((await optimize(one)).changed).toBe(false)
  },
)

test('a connection stays if its convolution comes first', async () => {
  const graph = build()
  const conv = graph.nodes.find(({ name }) => name === 'Conv_3')!
  const others = graph.nodes.filter(node => node !== conv)
  const place = others.findIndex(({ name }) => name === 'Concat') + 1
  expect((await optimize({ ...graph, nodes: others.toSpliced(place, 0, conv) })).changed).toBe(false)
})

test('a connection stays if sizes are dynamic', async () => {
  expect((await optimize({ ...build(), inputShape: undefined })).changed).toBe(false)
})

test('a connection stays in an old opset', async () => {
  expect((await optimize({ ...build(), opset: 12 })).changed).toBe(false)
})

test('a connection stays if its coarse value is computed after the level below', async () => {
  const graph = build(graph => {
    read('Conv_2', 0, 'x')(graph)
    read('Conv_2', 1, graph.weights([7, 3, 1, 1], 0.5))(graph)
  })
  const isFirst = ({ name = '' }: { name?: string }) =>
    ['Conv_2', 'Resize_3', 'Relu', 'Resize_4'].includes(name)
  const constants = graph.nodes.filter(({ op }) => op === 'Constant')
  const others = graph.nodes.filter(node => !constants.includes(node) && !isFirst(node))
  const nodes = [...constants, ...graph.nodes.filter(isFirst), ...others]
  // What is not used is dropped in both.
  for (const [one, isSplit] of [
    [graph, true],
    [{ ...graph, nodes }, false],
  ] as const) {
    expect(await optimize(one)).toMatchObject({ changed: true })
    expect((await readTarget()).includes('/coarse/')).toBe(isSplit)
  }
})

test('of two connections that share a node, one stays', async () => {
  const builder = new GraphBuilder(createRandom(3))
  const first = addLevel(builder)
  const resize = (value: string, dims: number[]) =>
    builder.add('Resize', [value, '', '', builder.whole(dims)], { ...modes })
  const fine = resize('x', [1, 3, 32, 24])
  const both = builder.add('Concat', [fine, resize('x', [1, 3, 32, 24])], { axis: 1 })
  // It is the context of the first connection, and the level below the second one.
  const level = resize('Concat_output', [1, 11, 32, 24])
  const conv = builder.add('Conv', [both, builder.weights([11, 6, 1, 1], 0.5)], { ...pointwise })
  const second = builder.add('Add', [level, conv])
  const total = builder.add('Add', [builder.add('ReduceMean', [second], { keepdims: 1 }), first])
  const bytes = await expectSame(builder.finish(total, shape))
  expect(new Set(bytes.match(/\w+\/coarse\/node\/Conv/g))).toHaveLength(1)
})

test.each(['Resize_4_output', 'Conv_3_output'])(
  'a connection stays if a graph in an attribute reads %s',
  async name => {
    const graph = build()
    const constants = { ...graph.constants, low: { dims: [], values: Float32Array.of(-1e9) } }
    const branch = (op: string, output: string) => ({
      nodes: [{ op, inputs: [name], outputs: [output] }],
      outputs: [output],
    })
    const nodes = [
      ...graph.nodes,
      { op: 'ReduceMax', inputs: ['x'], outputs: ['most'], attributes: { keepdims: 0 } },
      { op: 'Greater', inputs: ['most', 'low'], outputs: ['isHigh'] },
      {
        op: 'If',
        inputs: ['isHigh'],
        outputs: ['other'],
        attributes: { then_branch: branch('Neg', 'negative'), else_branch: branch('Abs', 'positive') },
      },
    ]
    const outputs = { ...graph.outputs, other: 'float32' as const }
    expect((await optimize({ ...graph, nodes, constants, outputs })).changed).toBe(false)
  },
)

test('a shape is known although the sizes of the enlargement are not', async () => {
  const graph = build(graph => {
    const sizes = graph.whole([1, 5, 16, 12])
    read('Resize_1', 3, graph.add('Max', [sizes, sizes]))(graph)
  })
  const shapes = { op: 'Shape', inputs: ['Concat_output'], outputs: ['shape'] }
  const floats = { op: 'Cast', inputs: ['shape'], outputs: ['floats'], attributes: { to: 1 } }
  const total = { op: 'ReduceSum', inputs: ['floats'], outputs: ['total'], attributes: { keepdims: 0 } }
  const add = { op: 'Add', inputs: ['Add_output', 'total'], outputs: ['both'] }
  const nodes = [...graph.nodes, shapes, floats, total, add]
  expect(await expectSame({ ...graph, nodes, outputs: { both: 'float32' } })).toContain('/coarse/node/Conv')
})

test('the level below may be copied after the convolution', async () => {
  const graph = build(graph => read('Resize_4', 0, graph.add('Identity', ['Relu_output']))(graph))
  const late = graph.nodes.filter(({ name = '' }) => ['Identity', 'Resize_4'].includes(name))
  const nodes = graph.nodes.filter(node => !late.includes(node))
  nodes.splice(-1, 0, ...late)
  const bytes = await expectSame({ ...graph, nodes })
  expect(bytes).toContain('/coarse/node/Conv')
  expect(bytes).not.toContain('Identity_output')
})

test('a connection of no pictures stays', async () => {
  const graph = build(({ nodes }) => {
    for (const { attributes } of nodes) {
      const sizes = (attributes?.value as Constant | undefined)?.values
      if (sizes instanceof BigInt64Array) sizes[0] = 0n
    }
  })
  expect((await optimize({ ...graph, inputShape: [0, 3, 16, 12] })).changed).toBe(false)
})
