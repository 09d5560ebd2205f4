import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRandom } from '../../core/test/matting/read-raster.ts'
import { optimizeGraph } from '../src/optimize.ts'
import { addDeformConv } from './support/deform-conv.ts'
import { GraphBuilder, type Shape } from './support/graph-builder.ts'
import { type Graph, writeOnnx } from './support/onnx.ts'

let dir: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-broken-'))
})

afterAll(() => rm(dir, { recursive: true, force: true }))

const shape: Shape = [1, 2, 7, 5]

/** The result for a graph of two layers whose first layer is broken. */
async function optimizeBroken(tamper: (graph: GraphBuilder) => void, change: Partial<Graph> = {}) {
  const builder = new GraphBuilder(createRandom(3))
  const first = addDeformConv(builder, 'x', shape, { kernel: [3, 3], pads: [1, 1] })
  const { output } = addDeformConv(builder, first.output, first.shape, { kernel: [1, 1] })
  tamper(builder)
  const graph = builder.finish(output, shape)
  const path = join(dir, 'source.onnx')
  await writeFile(path, writeOnnx({ ...graph, ...change }))
  return optimizeGraph(path, join(dir, 'target.onnx'))
}

/** Replaces the first number of a constant. */
function set(name: string, input: number, value: bigint | number, at = 0) {
  return (graph: GraphBuilder) => {
    graph.constant(name, input).values[at] = value
  }
}

function setAttribute(name: string, attribute: string, value: number | number[] | string) {
  return (graph: GraphBuilder) => {
    graph.node(name).attributes![attribute] = value
  }
}

function setInput(name: string, input: number, value: string) {
  return (graph: GraphBuilder) => {
    graph.node(name).inputs[input] = value
  }
}

function setOp(name: string, op: string) {
  return (graph: GraphBuilder) => {
    graph.node(name).op = op
  }
}

test('finds both convolutions in the unchanged graph', async () => {
  expect(await optimizeBroken(() => {})).toMatchObject({ changed: true, deformConvs: 2 })
  await rm(join(dir, 'target.onnx'))
})

test.each<[string, (graph: GraphBuilder) => void, RegExp]>([
  // positions
  ['a number of the grid', set('Add', 0, 3.5, 100), /^Add 'Add' adds a grid with 3\.5; expected [\d.]+$/],
  ['the last number of the grid', set('Add', 0, 99, 629), /Add 'Add' adds a grid with 99/],
  [
    'a grid of whole numbers',
    graph => (graph.constant('Add', 0).values = new BigInt64Array(630)),
    /adds \[[\d,]+\] of type \d; expected floats of \[1,1,9,2,7,5\]/,
  ],
  [
    'a grid that is too short',
    graph => (graph.constant('Add', 0).values = new Float32Array(629)),
    /not stored as one block/,
  ],
  [
    'a grid of another shape',
    graph => (graph.constant('Add', 0).dims = [1, 1, 9, 2, 5, 7]),
    /adds \[[\d,]+\] of type \d; expected floats of \[1,1,9,2,7,5\]/,
  ],
  ['a grid that varies', setInput('Add', 0, 'x'), /Add 'Add' expects a constant as its input 0/],
  [
    'offsets in another order',
    set('Reshape', 1, 2n, 2),
    /Reshape 'Reshape' reads \[1,1,2,2,7,5\]; expected \[1,1,9,2,7,5\]/,
  ],
  ['another rounding', setOp('Floor', 'Ceil'), /Sub 'Sub' reads Ceil 'Floor', not a Floor/],
  ['another type of index', setAttribute('Cast', 'to', 6), /Cast 'Cast' has to \[6\]; expected \[7\]/],
  [
    'index of another position',
    setInput('Cast', 0, 'Add_output'),
    /Cast 'Cast' reads Add_output; expected Floor_output/,
  ],
  ['x for y', set('Slice', 1, 1n), /Slice 'Slice' reads \[1\]; expected \[0\]/],
  ['more than y', set('Slice_2', 2, 2n), /Slice 'Slice_2' reads \[2\]; expected \[1\]/],
  ['another axis', set('Slice_1', 3, 2n), /Slice 'Slice_1' reads \[2\]; expected \[3\]/],
  [
    'a slice with steps',
    graph => graph.node('Slice').inputs.push(graph.node('Slice').inputs[1]),
    /'Slice' has 5 inputs/,
  ],
  ['a lower bound', set('Clip', 1, 1n), /Clip 'Clip' reads \[1\]; expected \[0\]/],
  ['an upper bound', set('Clip_2', 2, 7n), /Clip 'Clip_2' reads \[7\]; expected \[8\]/],
  ['no upper bound', graph => graph.node('Clip_2').inputs.pop(), /Clip 'Clip_2' has 2 inputs/],
  [
    'bounds swapped',
    graph => graph.node('Clip_1').inputs.splice(1, 2, ...graph.node('Clip_1').inputs.slice(1).reverse()),
    /Clip 'Clip_1' reads \[6\]; expected \[0\]/,
  ],
  ['the corner after the next', set('Add_1', 1, 2n), /Add 'Add_1' reads \[2\]; expected \[1\]/],
  // weights
  ['two minus the distance', set('Sub_1', 0, 2), /Sub 'Sub_1' reads 2; expected 1/],
  [
    'the distance of something else',
    setInput('Sub', 0, 'Floor_output'),
    /Floor 'Floor' reads Add_output; expected Floor_output/,
  ],
  [
    'weights swapped',
    graph => graph.node('Mul_5').inputs.splice(0, 1, 'Reshape_2_output'),
    /Mul 'Mul_3' reads Sub_2_output; expected Slice_3_output/,
  ],
  ['a weight in another order', set('Reshape_2', 1, 9n, 2), /Reshape 'Reshape_2' reads \[1,1,9,9,7,5\]/],
  ['y weighed as x', graph => graph.node('Mul_3').inputs.reverse(), /Mul 'Mul_3' reads .+; expected .+/],
  // the corners
  [
    'a corner twice',
    setInput('Sum', 3, 'Mul_5_output'),
    /Mul 'Mul_1' reads Sub_2_output; expected Slice_3_output/,
  ],
  ['three corners', graph => graph.node('Sum').inputs.pop(), /Sum 'Sum' has 3 inputs/],
  ['their mean', setOp('Sum', 'Mean'), /Mul 'Mul_9' reads Mean 'Sum', not a Sum/],
  [
    'rows for columns',
    graph => graph.node('Concat').inputs.reverse(),
    /'Reshape_11' reads Clip_1_output; expected Clip_output/,
  ],
  [
    'another axis of an index',
    setAttribute('Concat_1', 'axis', 2),
    /Concat 'Concat_1' has axis \[2\]; expected \[3\]/,
  ],
  [
    'a batch of one dimension',
    setAttribute('GatherND_3', 'batch_dims', 1),
    /GatherND 'GatherND_3' has batch_dims \[1\]/,
  ],
  [
    'a picture turned otherwise',
    setAttribute('Transpose', 'perm', [0, 1, 4, 3, 2]),
    /Transpose 'Transpose' has perm/,
  ],
  [
    'samples turned otherwise',
    setAttribute('Transpose_1', 'perm', [0, 1, 2, 3]),
    /Transpose 'Transpose_1' has perm/,
  ],
  ['an index of another shape', set('Reshape_6', 1, 314n, 2), /Reshape 'Reshape_6' reads \[1,1,314,1\]/],
  ['a value of another shape', set('Reshape_15', 1, 9n, 2), /Reshape 'Reshape_15' reads \[1,1,9,9,7,5\]/],
  [
    'one corner of another picture',
    graph => {
      graph.nodes.splice(graph.nodes.indexOf(graph.node('Transpose_2')), 0, {
        op: 'Neg',
        inputs: ['Reshape_5_output'],
        outputs: ['dark'],
      })
      graph.node('Transpose_2').inputs[0] = 'dark'
    },
    /Transpose 'Transpose_2' reads dark; expected Reshape_5_output/,
  ],
  // the picture
  [
    'no margin on one side',
    set('Pad', 1, 0n, 6),
    /Pad 'Pad' reads \[0,0,1,1,0,0,0,1\]; expected \[0,0,1,1,0,0,1,1\]/,
  ],
  ['padded channels', set('Pad', 1, 1n, 1), /Pad 'Pad' reads \[0,1,1,1/],
  [
    'no margin at all',
    graph => graph.constant('Pad', 1).values.fill(0n as never),
    /Pad 'Pad' adds no margin to the picture/,
  ],
  [
    'a mirrored margin',
    setAttribute('Pad', 'mode', 'reflect'),
    /Pad 'Pad' has mode reflect; expected constant/,
  ],
  ['a gray margin', graph => graph.node('Pad').inputs.push(graph.weights([], 1)), /Pad 'Pad' has 3 inputs/],
  ['a picture of another shape', set('Reshape_5', 1, 8n, 3), /Clip 'Clip' reads \[8\]; expected \[7\]/],
  // the convolution
  [
    'a grouped convolution',
    setAttribute('Conv_2', 'group', 2),
    /Conv 'Conv_2' has group \[2\]; expected \[1\]/,
  ],
  [
    'overlapping columns',
    setAttribute('Conv_2', 'strides', [1, 1]),
    /Conv 'Conv_2' has strides \[1,1\]; expected \[3,3\]/,
  ],
  ['padded columns', setAttribute('Conv_2', 'pads', [1, 1, 1, 1]), /Conv 'Conv_2' has pads/],
  [
    'an attribute of the future',
    setAttribute('Conv_2', 'angle', 7),
    /Conv 'Conv_2' has angle \[7\]; expected no such attribute/,
  ],
  [
    'pads that work themselves out',
    setAttribute('Conv_2', 'auto_pad', 'SAME_UPPER'),
    /auto_pad SAME_UPPER; expected NOTSET/,
  ],
  [
    'columns turned otherwise',
    setAttribute('Transpose_8', 'perm', [0, 1, 2, 4, 3, 5]),
    /Transpose 'Transpose_8' has perm/,
  ],
  [
    'columns of another shape',
    set('Reshape_20', 1, 22n, 2),
    /Reshape 'Reshape_20' reads \[1,2,22,15\]; expected \[1,2,21,15\]/,
  ],
  [
    'weights that vary',
    graph => {
      graph.nodes.unshift({ op: 'Neg', inputs: [graph.node('Conv_2').inputs[1]], outputs: ['negative'] })
      graph.node('Conv_2').inputs[1] = 'negative'
    },
    /Conv 'Conv_2' expects a constant as its input 1/,
  ],
  [
    'something else than a Conv',
    setOp('Conv_2', 'ConvTranspose'),
    /Conv 'Conv_3' reads Add 'Add_3', not a Reshape/,
  ],
  // offsets and modulator
  [
    'offsets of another stride',
    setAttribute('Conv', 'strides', [2, 2]),
    /Conv 'Conv' gives 3×4 offsets; expected 5×7/,
  ],
  [
    'offsets of other pads',
    setAttribute('Conv', 'pads', [1, 1, 0, 0]),
    /Conv 'Conv' has pads \[1,1,0,0\]; expected \[1,1,1,1\]/,
  ],
  ['offsets of another dilation', setAttribute('Conv', 'dilations', [2, 1]), /Conv 'Conv' gives 5×5 offsets/],
  [
    'offsets of another picture',
    graph => {
      graph.nodes.unshift({ op: 'Neg', inputs: ['x'], outputs: ['dark'] })
      graph.node('Conv').inputs[0] = 'dark'
    },
    /Conv 'Conv' reads dark; expected x/,
  ],
  ['offsets that no Conv wrote', setInput('Reshape', 0, 'x'), /Reshape 'Reshape' reads offsets that no Conv/],
  ['modulators of other pads', setAttribute('Conv_1', 'pads', [0, 0, 0, 0]), /Conv 'Conv_1' has pads/],
  ['a modulator by way of something unknown', setOp('Sigmoid', 'Softmax'), /reads a modulator that no Conv/],
  [
    'a modulator per channel',
    graph => (graph.constant('Mul', 1).dims = [1, 9, 1, 1]),
    /modulator that no Conv/,
  ],
  ['a modulator in another order', set('Reshape_18', 1, 9n, 2), /Reshape 'Reshape_18' reads \[1,1,9,9,7,5\]/],
  // the rest of the graph
  [
    'an operator of another domain',
    graph => (graph.node('Clip').domain = 'com.example'),
    /reads com\.example\.Clip 'Clip', not a Clip/,
  ],
  [
    'a gather on its own',
    graph => {
      graph.nodes.unshift({
        op: 'GatherND',
        name: 'Other',
        inputs: ['x', graph.weights([1], 1)],
        outputs: ['other'],
      })
      graph.nodes.at(-1)!.inputs[1] = 'other'
    },
    /GatherND 'Other' leads to no Conv/,
  ],
])('%s: stays as it is, and the reason names the node', async (_, tamper, reason) => {
  const result = await optimizeBroken(tamper)
  expect(result).toEqual({ changed: false, reason: expect.stringMatching(reason) })
  expect(await readdir(dir)).toEqual(['source.onnx'])
})
