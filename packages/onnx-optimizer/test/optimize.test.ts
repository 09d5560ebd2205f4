import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createRandom } from '../../core/test/matting/read-raster.ts'
import { optimizeGraph } from '../src/optimize.ts'
import { addDeformConv } from './support/deform-conv.ts'
import { GraphBuilder, type Shape } from './support/graph-builder.ts'
import { type Constant, field, type Graph, type GraphNode, writeOnnx, writeValue } from './support/onnx.ts'
import { findWorst, runGraph } from './support/run-graph.ts'

let dir: string
let source: string
let target: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-optimize-'))
  source = join(dir, 'source.onnx')
  target = join(dir, 'target.onnx')
})

afterEach(() => rm(dir, { recursive: true, force: true }))

const shape: Shape = [1, 2, 7, 5]

async function optimize(graph: Graph, outputs?: string[]) {
  await writeFile(source, writeOnnx(graph))
  return optimizeGraph(source, target, { outputs })
}

async function expectLeft(graph: Graph, reason: RegExp, outputs?: string[]) {
  const before = await readdir(dir)
  expect(await optimize(graph, outputs)).toEqual({ changed: false, reason: expect.stringMatching(reason) })
  expect(await readdir(dir)).toEqual([...new Set([...before, 'source.onnx'])].sort())
}

async function expectSame(graph: Graph, deformConvs: number, outputs?: string[]) {
  expect(await optimize(graph, outputs)).toMatchObject({ changed: true, deformConvs })
  const [expected, got] = [await runGraph(source, shape), await runGraph(target, shape)]
  expect(findWorst(got, expected)).toBeLessThan(1e-5)
  return (await readFile(target)).toString('latin1')
}

/** A graph of one deformable convolution and further nodes after it. */
function buildSite(change: Partial<Graph> = {}, behind: (output: string) => GraphNode[] = () => []): Graph {
  const builder = new GraphBuilder(createRandom(3))
  const { output } = addDeformConv(builder, 'x', shape, { kernel: [3, 3], pads: [1, 1] })
  const nodes = behind(output)
  builder.nodes.push(...nodes)
  const last = nodes.at(-1)?.outputs[0] ?? output
  return { ...builder.finish(last, shape), ...change }
}

const number = (value: number): Constant => ({ dims: [1], values: Float32Array.of(value) })

/** Two outputs of x, each with its own constant, and a node that no output needs. */
const forked: Graph = {
  constants: { one: number(1), two: number(2), three: number(3) },
  nodes: [
    { op: 'Add', inputs: ['x', 'one'], outputs: ['middle'] },
    { op: 'Mul', inputs: ['middle', 'two'], outputs: ['first'] },
    { op: 'Sub', inputs: ['middle', 'three'], outputs: ['second'] },
    { op: 'Neg', inputs: ['second'], outputs: ['nowhere'] },
  ],
  outputs: { first: 'float32', second: 'float32' },
  extra: { graph: field(13, writeValue('nowhere', 'float32')) },
}

describe('removes what no output needs', () => {
  test('an unused output, and all nodes that lead only to it', async () => {
    const bytes = await expectSame(forked, 0, ['first'])
    for (const name of ['middle', 'one', 'two', 'first']) expect(bytes).toContain(name)
    for (const name of ['three', 'second', 'nowhere', 'Sub', 'Neg']) expect(bytes).not.toContain(name)
  })

  test('a node without readers, if all outputs are kept', async () => {
    const bytes = await expectSame(forked, 0)
    for (const name of ['three', 'second', 'first']) expect(bytes).toContain(name)
    for (const name of ['nowhere', 'Neg']) expect(bytes).not.toContain(name)
  })

  test('keeps the opset if nothing needs a later one', async () => {
    await expectSame({ ...forked, opset: 11 }, 0, ['first'])
  })

  test('keeps outer values that the bodies of an If read', async () => {
    const body = (op: string) => ({ nodes: [{ op, inputs: ['x', 'two'], outputs: [op] }], outputs: [op] })
    const graph: Graph = {
      ...forked,
      nodes: [
        ...forked.nodes,
        { op: 'ReduceSum', inputs: ['x'], outputs: ['sum'], attributes: { keepdims: 0 } },
        { op: 'Cast', inputs: ['sum'], outputs: ['truth'], attributes: { to: 9 } },
        {
          op: 'If',
          inputs: ['truth'],
          outputs: ['chosen'],
          attributes: { then_branch: body('Mul'), else_branch: body('Div') },
        },
      ],
      outputs: { chosen: 'float32', first: 'float32' },
    }
    const bytes = await expectSame(graph, 0, ['chosen'])
    expect(bytes).toContain('two')
    expect(bytes).not.toContain('three')
  })

  test.each<[string, Graph, string[] | undefined, RegExp]>([
    [
      'nothing',
      { ...forked, nodes: forked.nodes.slice(0, 3), extra: {} },
      undefined,
      /there is nothing to optimize/,
    ],
    ['an unknown output', forked, ['third'], /no output third, only first, second/],
    ['no output', forked, [], /no output is requested/],
  ])('%s: stays as it is', (_, graph, outputs, reason) => expectLeft(graph, reason, outputs))
})

describe('the version of the operators', () => {
  test.each([17, 18, 19, 22])('opset %i runs', async opset => {
    await expectSame(buildSite({ opset }), 1)
  })

  test.each<[string, Partial<Graph>, GraphNode | undefined, RegExp]>([
    ['opset 16', { opset: 16 }, undefined, /has opset 16, but only opsets from 17 on can be raised to 19/],
    ['no opset', { opset: 0 }, undefined, /opset 0/],
    [
      'axes as an attribute',
      {},
      { op: 'ReduceMean', name: 'mean', inputs: [], outputs: ['y'], attributes: { axes: [1] } },
      /ReduceMean 'mean' takes its axes as an input in opset 19/,
    ],
    [
      'parts without a number',
      {},
      { op: 'Split', inputs: [], outputs: ['y'] },
      /Split 'y' needs the number of its outputs/,
    ],
    [
      'a mean that counts beyond the border',
      {},
      { op: 'AveragePool', inputs: [], outputs: ['y'], attributes: { kernel_shape: [2, 2], ceil_mode: 1 } },
      /AveragePool 'y' counts differently/,
    ],
    [
      'a graph within',
      {},
      { op: 'If', inputs: [], outputs: ['y'], attributes: { then_branch: { nodes: [], outputs: ['x'] } } },
      /If 'y' contains a graph/,
    ],
  ])('%s: stays as it is', (_, change, node, reason) =>
    expectLeft(
      buildSite(change, output => (node ? [{ ...node, inputs: [output] }] : [])),
      reason,
    ),
  )

  test('an operator that changed is allowed if it is not needed', async () => {
    const mean: GraphNode = {
      op: 'ReduceMean',
      inputs: ['x'],
      outputs: ['unread'],
      attributes: { axes: [1] },
    }
    const graph = buildSite()
    await expectSame({ ...graph, nodes: [mean, ...graph.nodes] }, 1)
  })
})

test('a reader inside the pattern keeps the whole graph', async () => {
  const graph = buildSite()
  await expectLeft(
    { ...graph, outputs: { ...graph.outputs, GatherND_2_output: 'float32' } },
    /GatherND 'GatherND_2' is read by a node outside/,
  )
})

test('a shape in the file must match', async () => {
  await expectLeft(
    buildSite({ inputShape: [1, 2, 5, 7] }),
    /Pad 'Pad' reads x of the shape \[1,2,5,7\]; expected \[1,2,7,5\]/,
  )
})

test('a constant that a caller may override is no constant', async () => {
  const name = Object.keys(buildSite().constants!).at(-1)!
  await expectLeft(
    buildSite({ extra: { graph: field(11, writeValue(name, 'float32')) } }),
    /Conv 'Conv_2' expects a constant/,
  )
})

describe('tensors in other files', () => {
  /** Moves every constant of floats to a file beside the model. */
  async function scatter(graph: Graph, location = 'weights.bin') {
    const parts: Buffer[] = [Buffer.alloc(7)]
    const constants = [
      ...Object.values(graph.constants!),
      ...graph.nodes.map(node => node.attributes?.value as Constant),
    ]
    for (const constant of constants) {
      if (!(constant?.values instanceof Float32Array)) continue
      const bytes = Buffer.from(constant.values.buffer)
      constant.storage = { location, offset: Buffer.concat(parts).length, length: bytes.length }
      parts.push(bytes)
    }
    await writeFile(join(dir, 'weights.bin'), Buffer.concat(parts))
    return graph
  }

  /** Does not move constants that are part of a node, except the grid. */
  async function scatterWeights() {
    const graph = buildSite()
    for (const { op, attributes } of graph.nodes) {
      const value = attributes?.value as Constant
      if (op !== 'Constant' || !(value.values instanceof Float32Array) || value.dims.length === 6) continue
      attributes!.value = { ...value, values: value.values, storage: 'typed' }
    }
    const kept = graph.nodes.filter(({ attributes }) => (attributes?.value as Constant)?.storage === 'typed')
    const rest = { ...graph, nodes: graph.nodes.filter(node => !kept.includes(node)) }
    await scatter(rest)
    return graph
  }

  test('are moved into the new file', async () => {
    await expectSame(await scatterWeights(), 1)
    await rm(join(dir, 'weights.bin'))
    await runGraph(target, shape)
  })

  test('in a node keep the whole graph', async () => {
    const graph = await scatterWeights()
    const bias = graph.nodes.at(-2)!
    bias.attributes!.value = {
      ...(bias.attributes!.value as Constant),
      storage: { location: 'weights.bin', offset: 0, length: 12 },
    }
    await expectLeft(graph, new RegExp(`Constant '${bias.name}' has a tensor in another file`))
  })

  test.each<[string, Partial<{ location: string; offset: number; length: number }>, RegExp]>([
    [
      'outside of the folder',
      { location: '../weights.bin' },
      /is in \.\.\/weights\.bin, outside of the model's folder/,
    ],
    ['anywhere', { location: '/etc/passwd' }, /is in \/etc\/passwd, outside/],
    ['nowhere', { location: 'missing.bin' }, /is in missing\.bin, which cannot be read: ENOENT/],
    ['too short', { length: 4 }, /has another size in weights\.bin than its shape needs/],
    ['beyond the end', { offset: 2 ** 40 }, /has another size in weights\.bin than its shape needs/],
    ['before the start', { offset: -8 }, /has no valid location in another file/],
  ])('%s: stays as it is', async (_, change, reason) => {
    const graph = await scatterWeights()
    const weights = Object.values(graph.constants!)[0]
    weights.storage = { ...(weights.storage as object), ...change } as typeof weights.storage
    await expectLeft(graph, reason)
  })
})
