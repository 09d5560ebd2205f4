import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRandom } from '../../core/test/matting/read-raster.ts'
import { optimizeGraph } from '../src/optimize.ts'
import type { OptimizeOptions } from '../src/rewrite-model.ts'
import { addDeformConv, type DeformConvLayer } from './support/deform-conv.ts'
import { GraphBuilder, type Shape } from './support/graph-builder.ts'
import { writeOnnx } from './support/onnx.ts'
import { findWorst, runGraph } from './support/run-graph.ts'

let dir: string
let source: string
let target: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-graph-'))
  source = join(dir, 'source.onnx')
  target = join(dir, 'target.onnx')
})

afterAll(() => rm(dir, { recursive: true, force: true }))

const odd: Shape = [1, 4, 11, 7]
const usual: DeformConvLayer = { kernel: [3, 3], pads: [1, 1] }

/** Builds a graph of consecutive layers and changes it with `tamper`. */
function build(layers: DeformConvLayer[], shape = odd, tamper = (_: GraphBuilder) => {}) {
  const graph = new GraphBuilder(createRandom(3))
  let last = { output: 'x', shape }
  for (const layer of layers) last = addDeformConv(graph, last.output, last.shape, layer)
  tamper(graph)
  return graph.finish(last.output, shape)
}

/** Expects that a graph is rewritten and gives the same output. */
async function expectSame(graph: ReturnType<typeof build>, deformConvs: number, options?: OptimizeOptions) {
  await writeFile(source, writeOnnx(graph))
  const result = await optimizeGraph(source, target, options)
  const written = await readFile(target)
  const sha256 = createHash('sha256').update(written).digest('hex')
  expect(result).toEqual({ changed: true, widened: false, deformConvs, bytes: written.length, sha256 })
  expect(written.includes('Gather')).toBe(false)
  const [expected, got] = [
    await runGraph(source, graph.inputShape!),
    await runGraph(target, graph.inputShape!),
  ]
  expect(got).toHaveLength(expected.length)
  // The pattern adds the offset to a coordinate that includes the margin, so the last bits of a position differ.
  expect(findWorst(got, expected)).toBeLessThan(1e-5)
  expect(findWorst(got, new Float32Array(got.length))).toBeGreaterThan(0.01)
}

test.each<[string, DeformConvLayer[], Shape?]>([
  ['kernel 1', [{ kernel: [1, 1] }]],
  ['kernel 3', [usual]],
  ['kernel 7', [{ kernel: [7, 7], pads: [3, 3] }]],
  ['an oblong kernel', [{ kernel: [3, 1], pads: [1, 0] }]],
  ['no pads', [{ kernel: [3, 3] }]],
  ['pads wider than the kernel', [{ kernel: [3, 3], pads: [3, 2] }]],
  ['stride 2', [{ ...usual, strides: [2, 2] }]],
  ['strides 1 and 3', [{ kernel: [3, 3], strides: [1, 3] }]],
  ['dilations 2 and 3', [{ kernel: [3, 3], pads: [2, 3], dilations: [2, 3] }]],
  ['a bias', [{ ...usual, bias: true }]],
  ['no modulator', [{ ...usual, modulated: false }]],
  ['GatherElements', [{ ...usual, gather: 'GatherElements' }]],
  ['the workaround for OpenVINO', [{ ...usual, openvino: true }]],
  ['offsets far beyond the picture', [{ ...usual, reach: 40 }]],
  ['offsets beyond all whole numbers', [{ kernel: [3, 3], reach: 1e30, bias: true }]],
  ['one channel, one pixel', [{ kernel: [1, 1], reach: 0.5 }], [1, 1, 1, 1]],
  ['a square', [usual], [1, 2, 8, 8]],
  ['a batch of 2', [{ ...usual, bias: true }], [2, 3, 6, 5]],
  [
    'several in a row',
    [
      { kernel: [1, 1], bias: true },
      { ...usual, strides: [2, 2], channels: 5 },
      { kernel: [7, 7], pads: [3, 3], bias: true },
    ],
  ],
])('%s: the output is the same', (_, layers, shape) => expectSame(build(layers, shape), layers.length))

/** Replaces every Constant node by an initializer, as other tools do. */
function keepConstantsApart(graph: GraphBuilder) {
  for (const { op, outputs, attributes } of graph.nodes) {
    if (op === 'Constant') graph.constants[outputs[0]] = attributes!.value as (typeof graph.constants)[string]
  }
  graph.nodes.splice(0, Number.POSITIVE_INFINITY, ...graph.nodes.filter(({ op }) => op !== 'Constant'))
}

test.each<[string, (graph: GraphBuilder) => void]>([
  ['constants apart from the nodes', keepConstantsApart],
  [
    'constants in the fields of their types',
    graph => {
      for (const { attributes } of graph.nodes) {
        const { value } = attributes!
        if (typeof value === 'object' && 'dims' in value) value.storage = 'typed'
      }
    },
  ],
  [
    'weights that another layer shares, through a copy',
    graph => {
      const conv = graph.node('Conv_2')
      graph.nodes.unshift({ op: 'Identity', inputs: [conv.inputs[1]], outputs: ['shared'] })
      conv.inputs[1] = 'shared'
    },
  ],
  [
    'corners that share the turned picture',
    graph => {
      for (const name of ['GatherND_1', 'GatherND_2', 'GatherND_3']) {
        graph.node(name).inputs[0] = graph.node('GatherND').inputs[0]
      }
    },
  ],
  ['a bias within the Conv', graph => graph.node('Conv_2').inputs.push(graph.weights([3], 1))],
  ['a modulator times three', graph => (graph.constant('Mul', 1).values[0] = 3)],
  ['a modulator without a factor', graph => (graph.node('Reshape_18').inputs[0] = 'Sigmoid_output')],
])('%s: the output is the same', (_, tamper) => expectSame(build([usual], odd, tamper), 1))

describe('the column buffer', () => {
  const bufferBytes = 4 * 49 * 11 * 7

  test.each<[string, number, number]>([
    ['that is small enough: one node', 1, 4 * bufferBytes],
    ['of twice the limit: two nodes', 2, 2 * bufferBytes],
    ['of a little more than twice the limit: four nodes', 4, 2 * bufferBytes - 1],
    ['of one channel beyond the limit: a node per channel', 4, 1],
  ])('%s', async (_, parts, limit) => {
    const graph = build([{ kernel: [7, 7], pads: [3, 3], channels: 2 }], odd, graph =>
      graph.node('Conv_2').inputs.push(graph.weights([2], 1)),
    )
    await expectSame(graph, 1, { bufferBytes: limit })
    const written = (await readFile(target)).toString('latin1')
    const nodes = new Set(written.match(/\/split\/DeformConv_\d/g))
    expect(nodes.size).toBe(parts === 1 ? 0 : parts)
  })

  test('does not split without need', async () => {
    await expectSame(build([usual, usual], odd), 2)
    expect((await readFile(target)).includes('/split/')).toBe(false)
  })
})
