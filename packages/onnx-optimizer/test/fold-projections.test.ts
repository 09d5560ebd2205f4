import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRandom } from '../../core/test/matting/read-raster.ts'
import { optimizeGraph } from '../src/optimize.ts'
import { GraphBuilder, type Shape } from './support/graph-builder.ts'
import { type Graph, type GraphNode, writeOnnx } from './support/onnx.ts'
import { findWorst, runGraph } from './support/run-graph.ts'

let dir: string
let source: string
let target: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-fold-'))
  source = join(dir, 'source.onnx')
  target = join(dir, 'target.onnx')
})

afterAll(() => rm(dir, { recursive: true, force: true }))

const shape: Shape = [1, 3, 6, 5]
const same = { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [1, 1], dilations: [1, 1], group: 1 }

/** The end of BiRefNet's decoder: enlarged features beside those of the picture, projected to one channel. */
function build(tamper = (_: GraphBuilder) => {}, bias = true): Graph {
  const builder = new GraphBuilder(createRandom(3))
  const weights = (dims: number[]) => builder.weights(dims, 0.5)
  const features = builder.add('Relu', [builder.add('Conv', ['x', weights([4, 3, 3, 3])], { ...same })])
  const deep = builder.add('Conv', [features, weights([8, 4, 3, 3]), ...(bias ? [weights([8])] : [])], {
    ...same,
  })
  const channels = builder.add('Slice', [
    builder.add('Shape', [deep]),
    ...[0, 2, 0].map(number => builder.whole([number])),
  ])
  const sizes = builder.add('Concat', [channels, builder.whole([12, 10])], { axis: 0 })
  const modes = { coordinate_transformation_mode: 'align_corners', mode: 'linear' }
  const large = builder.add('Resize', [deep, '', '', sizes], { ...modes })
  const picture = builder.add('Resize', ['x', '', '', builder.whole([1, 3, 12, 10])], { ...modes })
  const fine = builder.add('Conv', [picture, weights([5, 3, 3, 3]), weights([5])], { ...same })
  const both = builder.add('Concat', [large, fine], { axis: 1 })
  const one = { ...same, kernel_shape: [1, 1], pads: [0, 0, 0, 0] }
  const output = builder.add('Conv', [both, weights([1, 13, 1, 1]), weights([1])], one)
  tamper(builder)
  return builder.finish(output, shape)
}

async function optimize(graph: Graph) {
  await writeFile(source, writeOnnx(graph))
  return optimizeGraph(source, target)
}

async function expectSame(graph: Graph) {
  expect(await optimize(graph)).toMatchObject({ changed: true, deformConvs: 0, widened: false })
  const [expected, got] = [await runGraph(source, shape), await runGraph(target, shape)]
  expect(findWorst(got, expected)).toBeLessThan(1e-5)
  expect(findWorst(got, new Float32Array(got.length))).toBeGreaterThan(0.1)
  return (await readFile(target)).toString('latin1')
}

test('a projection goes into the convolutions before it', async () => {
  const bytes = await expectSame(build())
  expect(bytes).toContain('Sum')
  for (const name of ['Concat', 'Slice', 'weights.4']) expect(bytes).not.toContain(name)
})

test('convolutions without a bias get that of the projection', async () => {
  expect(await expectSame(build(() => {}, false))).toContain('Sum')
})

test('readers of the height and width stay', async () => {
  const graph = build()
  const nodes: GraphNode[] = [
    {
      op: 'Constant',
      inputs: [],
      outputs: ['two'],
      attributes: { value: { dims: [], values: BigInt64Array.of(2n) } },
    },
    { op: 'Shape', inputs: ['Resize_output'], outputs: ['shape'] },
    { op: 'Gather', inputs: ['shape', 'two'], outputs: ['height'], attributes: { axis: 0 } },
  ]
  const outputs = { ...graph.outputs, height: 'inferred' } as const
  expect(await expectSame({ ...graph, nodes: [...graph.nodes, ...nodes], outputs })).toContain('Sum')
})

const read = (name: string, input: string) => (graph: GraphBuilder) => {
  graph.node(name).inputs[0] = input
}

const set = (name: string, attribute: string, value: number | string | number[]) => (graph: GraphBuilder) => {
  graph.node(name).attributes![attribute] = value
}

test.each<[string, (graph: GraphBuilder) => void, Partial<Graph>?]>([
  ['cubic enlargement', set('Resize', 'mode', 'cubic')],
  ['another way to place pixels', set('Resize', 'coordinate_transformation_mode', 'tf_half_pixel_for_nn')],
  ['an enlargement that excludes pixels outside', set('Resize', 'exclude_outside', 0)],
  [
    'an activation between',
    graph => (graph.node('Concat_1').inputs[0] = graph.add('Relu', ['Resize_output'])),
  ],
  [
    'an enlargement of an activation',
    graph => (graph.node('Resize').inputs[0] = graph.add('Relu', ['Conv_1_output'])),
  ],
  [
    'a reduction instead of an enlargement',
    graph => (graph.constant('Concat', 1).values = BigInt64Array.of(3n, 2n)),
  ],
  ['weights that vary', graph => (graph.node('Conv_1').inputs[1] = graph.add('Neg', ['weights.1']))],
  ['strides in the projection', set('Conv_3', 'strides', [2, 2])],
  ['a projection to the batch', set('Concat_1', 'axis', 0)],
  ['no enlarged part', read('Concat_1', 'Conv_2_output')],
])('%s: the projection stays', async (_, tamper) => {
  const result = await optimize(build(tamper))
  const written = result.changed ? (await readFile(target)).toString('latin1') : ''
  expect(written).not.toContain('projected')
})

test.each(['Conv_1_output', 'Resize_output', 'Conv_2_output', 'Concat_1_output'])(
  '%s has another reader: the projection stays',
  async name => {
    const graph = build()
    const nodes: GraphNode[] = [...graph.nodes, { op: 'Neg', inputs: [name], outputs: ['other'] }]
    for (const outputs of [{ other: 'float32' }, { [name]: 'float32' }] as const) {
      expect(await optimize({ ...graph, nodes, outputs: { ...graph.outputs, ...outputs } })).toMatchObject(
        'other' in outputs ? { changed: false } : { changed: true, bytes: expect.any(Number) },
      )
      if ('other' in outputs) continue
      expect((await readFile(target)).includes('projected')).toBe(false)
    }
  },
)

test('a reader of the number of channels: the projection stays', async () => {
  const graph = build()
  const nodes: GraphNode[] = [
    {
      op: 'Constant',
      inputs: [],
      outputs: ['one'],
      attributes: { value: { dims: [], values: BigInt64Array.of(1n) } },
    },
    { op: 'Shape', inputs: ['Resize_output'], outputs: ['shape'] },
    { op: 'Gather', inputs: ['shape', 'one'], outputs: ['channels'], attributes: { axis: 0 } },
  ]
  const outputs = { ...graph.outputs, channels: 'inferred' } as const
  expect(await optimize({ ...graph, nodes: [...graph.nodes, ...nodes], outputs })).toMatchObject({
    changed: false,
  })
})
