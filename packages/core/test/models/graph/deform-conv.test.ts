import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lightenGraph } from '../../../src/models/graph/lighten.ts'
import { createRandom } from '../../matting/read-raster.ts'
import { addDeformConv, type DeformConvLayer, GraphBuilder } from '../../support/deform-conv.ts'
import { writeOnnx } from '../../support/onnx.ts'

let dir: string
let source: string
let target: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-graph-'))
  source = join(dir, 'source.onnx')
  target = join(dir, 'target.onnx')
})

afterAll(() => rm(dir, { recursive: true, force: true }))

type Shape = [number, number, number, number]

/** The output of a graph for noise of the given shape. */
async function run(path: string, shape: Shape): Promise<Float32Array> {
  const session = await InferenceSession.create(path, { intraOpNumThreads: 1 })
  const random = createRandom(7)
  const noise = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => 2 * random() - 1)
  const results = await session.run({ x: new Tensor('float32', noise, shape) })
  await session.release()
  return results[session.outputNames[0]].data as Float32Array
}

const odd: Shape = [1, 4, 11, 7]

test.each<[string, DeformConvLayer[], Shape?]>([
  ['kernel 1', [{ kernel: [1, 1] }]],
  ['kernel 3', [{ kernel: [3, 3], pads: [1, 1] }]],
  ['kernel 7', [{ kernel: [7, 7], pads: [3, 3] }]],
  ['an oblong kernel', [{ kernel: [3, 1], pads: [1, 0] }]],
  ['no pads', [{ kernel: [3, 3] }]],
  ['pads wider than the kernel', [{ kernel: [3, 3], pads: [3, 2] }]],
  ['stride 2', [{ kernel: [3, 3], pads: [1, 1], strides: [2, 2] }]],
  ['strides 1 and 3', [{ kernel: [3, 3], strides: [1, 3] }]],
  ['dilations 2 and 3', [{ kernel: [3, 3], pads: [2, 3], dilations: [2, 3] }]],
  ['a bias', [{ kernel: [3, 3], pads: [1, 1], bias: true }]],
  ['no modulator', [{ kernel: [3, 3], pads: [1, 1], modulated: false }]],
  ['GatherElements', [{ kernel: [3, 3], pads: [1, 1], gather: 'GatherElements' }]],
  ['the workaround for OpenVINO', [{ kernel: [3, 3], pads: [1, 1], openvino: true }]],
  ['offsets far beyond the picture', [{ kernel: [3, 3], pads: [1, 1], reach: 40 }]],
  ['offsets beyond all numbers', [{ kernel: [3, 3], reach: 1e30, bias: true }]],
  ['one channel, one pixel', [{ kernel: [1, 1], reach: 0.5 }], [1, 1, 1, 1]],
  ['a square', [{ kernel: [3, 3], pads: [1, 1] }], [1, 2, 8, 8]],
  ['a batch of 2', [{ kernel: [3, 3], pads: [1, 1], bias: true }], [2, 3, 6, 5]],
  [
    'several in a row',
    [
      { kernel: [1, 1], bias: true },
      { kernel: [3, 3], pads: [1, 1], strides: [2, 2], channels: 5 },
      { kernel: [7, 7], pads: [3, 3], bias: true },
    ],
  ],
])('%s: what comes out is the same', async (_, layers, shape = odd) => {
  const graph = new GraphBuilder(createRandom(3))
  let last = { output: 'x', shape }
  for (const layer of layers) last = addDeformConv(graph, last.output, last.shape, layer)
  await writeFile(source, writeOnnx(graph.finish(last.output, shape)))
  const result = await lightenGraph(source, target)
  const written = await readFile(target)
  expect(result).toEqual({
    changed: true,
    deformConvs: layers.length,
    bytes: written.length,
    sha256: createHash('sha256').update(written).digest('hex'),
  })
  expect(written.includes('GatherND')).toBe(false)
  const [expected, got] = [await run(source, shape), await run(target, shape)]
  expect(got).toHaveLength(expected.length)
  const worst = got.reduce((most, value, index) => Math.max(most, Math.abs(value - expected[index])), 0)
  // The pieces add the offset to a coordinate that counts from the margin: the last bit of a position differs.
  expect(worst).toBeLessThan(1e-5)
  expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(0.01)
})
