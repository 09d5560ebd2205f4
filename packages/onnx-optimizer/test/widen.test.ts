import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InferenceSession } from 'onnxruntime-node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createRandom } from '../../core/test/matting/read-raster.ts'
import { optimizeGraph } from '../src/optimize.ts'
import { addDeformConv } from './support/deform-conv.ts'
import { GraphBuilder, type Shape } from './support/graph-builder.ts'
import { narrowGraph, narrowNumber, roundGraph } from './support/narrow.ts'
import { type Constant, field, type Graph, type GraphNode, writeOnnx, writeValue } from './support/onnx.ts'
import { findWorst, runGraph } from './support/run-graph.ts'

let dir: string
let source: string
let target: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-widen-'))
  source = join(dir, 'source.onnx')
  target = join(dir, 'target.onnx')
})

afterEach(() => rm(dir, { recursive: true, force: true }))

const shape: Shape = [1, 2, 7, 5]

/** A float32 graph: a deformable convolution, then an operator that converters leave in float32. */
function build(): Graph {
  const builder = new GraphBuilder(createRandom(3))
  const { output } = addDeformConv(builder, 'x', shape, { kernel: [3, 3], pads: [1, 1] })
  const enlarged = builder.add('Resize', [output, '', '', builder.whole([1, 3, 14, 10])], { mode: 'linear' })
  const weights = builder.weights([2, 3, 3, 3], 0.3)
  return builder.finish(builder.add('Conv', [enlarged, weights], { kernel_shape: [3, 3] }), shape)
}

async function optimize(graph: Graph) {
  await writeFile(source, writeOnnx(graph))
  return optimizeGraph(source, target)
}

/** Expects that both graphs become the same in float32. */
async function expectWidened(half: Graph, float = roundGraph(build())) {
  expect(await optimize(half)).toMatchObject({ changed: true, deformConvs: 1, widened: true })
  const got = await runGraph(target, shape)
  const written = (await readFile(target)).toString('latin1')
  await optimize(float)
  expect(findWorst(got, await runGraph(target, shape))).toBe(0)
  expect(findWorst(got, new Float32Array(got.length))).toBeGreaterThan(0.01)
  return written
}

/** The constants of a graph, in nodes or apart. */
function constantsOf(graph: Graph): Constant[] {
  const inNodes = graph.nodes.flatMap(({ attributes }) => attributes?.value ?? []) as Constant[]
  return [...Object.values(graph.constants!), ...inNodes]
}

describe('a float16 graph', () => {
  test('becomes the float32 graph of the same weights, without conversions', async () => {
    const half = narrowGraph(build())
    expect(half.nodes.filter(({ attributes }) => attributes?.to === 10).length).toBeGreaterThan(1)
    expect(await expectWidened(half)).not.toContain('Cast')
  })

  test('gives the output of the float16 graph, up to the rounding of float16', async () => {
    await optimize(narrowGraph(build()))
    const [half, float] = [await runGraph(source, shape), await runGraph(target, shape)]
    expect(findWorst(float, half)).toBeLessThan(0.02)
    expect(findWorst(float, half)).toBeGreaterThan(0)
  })

  test('may have its numbers in the fields of their types', async () => {
    const half = narrowGraph(build())
    for (const constant of constantsOf(half)) constant.storage = 'typed'
    await expectWidened(half)
  })

  test('may have its weights in another file', async () => {
    const half = narrowGraph(build())
    const parts: Buffer[] = [Buffer.alloc(7)]
    for (const constant of Object.values(half.constants!)) {
      const { buffer, byteOffset, byteLength } = constant.values
      const offset = Buffer.concat(parts).length
      constant.storage = { location: 'weights.bin', offset, length: byteLength }
      parts.push(Buffer.from(buffer, byteOffset, byteLength))
    }
    await writeFile(join(dir, 'weights.bin'), Buffer.concat(parts))
    await expectWidened(half)
  })

  test('gets float32 inputs and outputs', async () => {
    const graph = narrowGraph(build())
    const [output] = Object.keys(graph.outputs)
    const nodes = graph.nodes.filter(({ outputs }) => outputs[0] !== 'half_x' && outputs[0] !== output)
    const named = nodes.map(node => ({
      ...node,
      inputs: node.inputs.map(name => name.replace('half_x', 'x')),
      outputs: node.outputs.map(name => name.replace(`half_${output}`, output)),
    }))
    await expectWidened({ ...graph, nodes: named, inputType: 'float16', outputs: { [output]: 'float16' } })
  })

  test('keeps both of two outputs that are conversions of one value', async () => {
    const graph = narrowGraph(build())
    const [output] = Object.keys(graph.outputs)
    const second: GraphNode = {
      op: 'Cast',
      inputs: [`half_${output}`],
      outputs: ['second'],
      attributes: { to: 1 },
    }
    const outputs = { ...graph.outputs, second: 'float32', [`half_${output}`]: 'float16' } as const
    await expectWidened({ ...graph, nodes: [...graph.nodes, second], outputs })
    await optimize({ ...graph, nodes: [...graph.nodes, second], outputs })
    const session = await InferenceSession.create(target)
    expect(session.outputMetadata.map(value => value.isTensor && value.type)).toEqual(
      Array(3).fill('float32'),
    )
  })

  test('keeps a conversion of whole numbers', async () => {
    const nodes: GraphNode[] = [
      { op: 'Shape', inputs: ['x'], outputs: ['sizes'] },
      { op: 'Cast', inputs: ['sizes'], outputs: ['half'], attributes: { to: 10 } },
      { op: 'Cast', inputs: ['half'], outputs: ['y'], attributes: { to: 1 } },
    ]
    expect(await optimize({ nodes, outputs: { y: 'float32' } })).toMatchObject({
      changed: true,
      widened: true,
    })
    expect([...(await runGraph(target, shape))]).toEqual(shape)
    expect((await readFile(target)).toString('latin1').split('Cast')).toHaveLength(2)
  })

  test.each([0, 1, -1.5, 2 ** -24, 2 ** -14, 65504, 1 / 3])('%d is widened exactly', async value => {
    const one: Constant = { dims: [1], values: Uint16Array.of(narrowNumber(value)) }
    const nodes: GraphNode[] = [
      { op: 'Cast', inputs: ['x'], outputs: ['half'], attributes: { to: 10 } },
      { op: 'Mul', inputs: ['half', 'zero'], outputs: ['nothing'] },
      { op: 'Add', inputs: ['nothing', 'one'], outputs: ['sum'] },
      { op: 'Cast', inputs: ['sum'], outputs: ['y'], attributes: { to: 1 } },
    ]
    const constants = { one, zero: { dims: [1], values: Uint16Array.of(0) } }
    await optimize({ nodes, constants, outputs: { y: 'float32' } })
    const [got] = await runGraph(target, [1])
    expect(Math.abs(got - value)).toBeLessThanOrEqual(Math.abs(value) * 2 ** -11)
    if (value !== 1 / 3) expect(got).toBe(value + 0)
  })

  test.each<[string, (graph: Graph) => void, RegExp]>([
    [
      'a graph within a node',
      ({ nodes }) => {
        nodes.push({
          op: 'If',
          name: 'if',
          inputs: ['x'],
          outputs: ['z'],
          attributes: { then_branch: { nodes: [], outputs: ['x'] } },
        })
      },
      /^If 'if' contains a graph, so its float16 values cannot be converted$/,
    ],
    [
      'an operator of another domain',
      ({ nodes }) => {
        nodes.push({ op: 'Gelu', domain: 'com.microsoft', name: 'gelu', inputs: ['x'], outputs: ['z'] })
      },
      /^com\.microsoft\.Gelu 'gelu' has an operator that is not part of ONNX/,
    ],
    [
      'random numbers in float16',
      ({ nodes }) => {
        nodes.push({
          op: 'RandomNormalLike',
          name: 'noise',
          inputs: ['x'],
          outputs: ['z'],
          attributes: { dtype: 10 },
        })
      },
      /^RandomNormalLike 'noise' has dtype float16$/,
    ],
    [
      'weights that are too short',
      ({ constants }) => {
        const [name, constant] = Object.entries(constants!)[0]
        constants![name] = { ...constant, values: constant.values.subarray(1) as Uint16Array }
      },
      /^the tensor weights\.0 has 323 elements, but the shape \[18,2,3,3\]$/,
    ],
  ])('with %s stays as it is', async (_, tamper, reason) => {
    const half = narrowGraph(build())
    tamper(half)
    expect(await optimize(half)).toEqual({ changed: false, reason: expect.stringMatching(reason) })
  })
})

describe('nodes that are not in order', () => {
  const extra = { graph: field(13, writeValue('nowhere', 'float32')) }

  test('are sorted', async () => {
    const graph = build()
    await optimize(graph)
    const expected = await readFile(target)
    const shuffled = graph.nodes.toReversed()
    expect(await optimize({ ...graph, nodes: shuffled })).toMatchObject({ changed: true, deformConvs: 1 })
    expect((await readFile(target)).length).toBe(expected.length)
    const got = await runGraph(target, shape)
    await writeFile(target, expected)
    expect(findWorst(got, await runGraph(target, shape))).toBe(0)
  })

  test('keep what the graph of a later node reads in front of it', async () => {
    const body = (op: string) => ({ nodes: [{ op, inputs: ['x', 'late'], outputs: [op] }], outputs: [op] })
    const nodes: GraphNode[] = [
      {
        op: 'If',
        inputs: ['truth'],
        outputs: ['y'],
        attributes: { then_branch: body('Add'), else_branch: body('Sub') },
      },
      { op: 'Neg', inputs: ['x'], outputs: ['late'] },
      { op: 'Cast', inputs: ['sum'], outputs: ['truth'], attributes: { to: 9 } },
      { op: 'ReduceSum', inputs: ['x'], outputs: ['sum'], attributes: { keepdims: 0 } },
      { op: 'Neg', inputs: ['y'], outputs: ['nowhere'] },
    ]
    expect(await optimize({ nodes, outputs: { y: 'float32' }, extra })).toMatchObject({ changed: true })
    expect(await runGraph(target, shape)).toHaveLength(70)
  })

  test('stay as they are in a cycle', async () => {
    const nodes: GraphNode[] = [
      { op: 'Add', name: 'first', inputs: ['x', 'b'], outputs: ['a'] },
      { op: 'Neg', name: 'second', inputs: ['a'], outputs: ['b'] },
    ]
    expect(await optimize({ nodes, outputs: { b: 'float32' } })).toEqual({
      changed: false,
      reason: "Add 'first' reads b, which no earlier node writes",
    })
  })
})
