import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createRandom } from '../../core/test/matting/read-raster.ts'
import { type OptimizeResult, optimizeGraph } from '../src/optimize.ts'
import { addDeformConv } from './support/deform-conv.ts'
import { GraphBuilder } from './support/graph-builder.ts'
import { field, type Graph, type GraphNode, writeOnnx } from './support/onnx.ts'

let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-hostile-'))
})

afterEach(() => rm(dir, { recursive: true, force: true }))

async function optimize(bytes: Uint8Array, signal?: AbortSignal): Promise<OptimizeResult> {
  await writeFile(join(dir, 'source.onnx'), bytes)
  return optimizeGraph(join(dir, 'source.onnx'), join(dir, 'target.onnx'), { signal })
}

/** A small site: nearly all of its bytes are structure. */
function writeSite(): Uint8Array {
  const builder = new GraphBuilder(createRandom(3))
  const { output, shape } = addDeformConv(builder, 'x', [1, 1, 2, 2], { kernel: [1, 1] })
  return writeOnnx(builder.finish(output, shape))
}

/** A graph in which something goes: what is left alone is left for another reason. */
const wasteful: Graph = {
  constants: { one: { dims: [1], values: Float32Array.of(1) } },
  nodes: [
    { op: 'Add', inputs: ['x', 'one'], outputs: ['y'] },
    { op: 'Neg', inputs: ['y'], outputs: ['z'] },
  ],
  outputs: { y: 'float32' },
}

const neg = (name: string, input: string, output: string): GraphNode => ({
  op: 'Neg',
  name,
  inputs: [input],
  outputs: [output],
})

test('the graph without changes is optimized', async () => {
  expect(await optimize(writeOnnx(wasteful))).toMatchObject({ changed: true, deformConvs: 0 })
})

const change = (graph: Partial<Graph>) => writeOnnx({ ...wasteful, ...graph })
const inGraph = (extra: Buffer) => change({ extra: { graph: extra } })
const inModel = (extra: Buffer) => change({ extra: { model: extra } })
const bytes = (...values: number[]) => Buffer.from(values)

test.each<[string, Uint8Array, RegExp]>([
  ['an empty file', bytes(), /holds no ONNX graph/],
  ['a page of HTML', Buffer.from('<!doctype html><title>404</title>'), /protobuf|longer than|holds no/],
  [
    'a pointer of Git LFS',
    Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:00\n'),
    /protobuf|longer|no/,
  ],
  ['zeros', Buffer.alloc(100), /byte 0 begins no protobuf field/],
  ['a number without end', Buffer.alloc(100, 255), /the number at byte 0 has no end/],
  ['a number that is cut off', bytes(8, 255), /the number at byte 1 is cut off/],
  ['a length beyond the end', bytes(0x3a, 100, 0), /the field at byte 0 is longer than the message it is in/],
  [
    'a length below zero',
    bytes(0x3a, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1),
    /longer than the message/,
  ],
  ['a length of 2⁶³', bytes(0x3a, 128, 128, 128, 128, 128, 128, 128, 128, 128, 1), /longer than the message/],
  ['a group', bytes(0x3b, 0x3c), /byte 0 begins no protobuf field/],
  ['a graph that is a number', bytes(0x38, 1), /holds no message/],
  ['two graphs', inModel(field(7, Buffer.alloc(0))), /two graphs/],
  ['two versions of the operators', inModel(field(8, field(2, 19))), /names 2 versions/],
  ['functions of its own', inModel(field(25, field(1, 'f'))), /functions of its own/],
  ['a recipe for training', inModel(field(20, Buffer.alloc(0))), /recipe for training/],
  ['sparse constants', inGraph(field(15, Buffer.alloc(0))), /sparse constants/],
  ['notes on quantization', inGraph(field(14, Buffer.alloc(0))), /notes on quantization/],
  ['two constants of a name', inGraph(field(5, field(8, 'one'))), /two constants one/],
  [
    'a size below zero',
    inGraph(field(5, Buffer.concat([field(1, -1), field(8, 'odd')]))),
    /tensor odd has the shape \[-1\]/,
  ],
  ['elements given twice', inGraph(field(5, Buffer.concat([field(9, 'ab'), field(9, 'ab')]))), /given twice/],
  ['a name that is no text', inGraph(field(1, field(1, bytes(255, 254)))), /is no UTF-8/],
  [
    'an attribute twice',
    inGraph(field(1, Buffer.concat([field(5, field(1, 'axis')), field(5, field(1, 'axis'))]))),
    /has the attribute axis twice/,
  ],
  [
    'two writers',
    change({ nodes: [neg('a', 'x', 'y'), neg('b', 'x', 'y')] }),
    /Neg 'b' writes y, which is there already/,
  ],
  [
    'a writer of an input',
    change({ nodes: [neg('a', 'y', 'x')] }),
    /Neg 'a' reads y before anything has written it/,
  ],
  [
    'a writer of a constant',
    change({ nodes: [neg('a', 'x', 'one')] }),
    /Neg 'a' writes one, which is there already/,
  ],
  ['a circle', change({ nodes: [neg('a', 'z', 'y'), neg('b', 'y', 'z')] }), /Neg 'a' reads z before/],
  ['a circle of one', change({ nodes: [neg('a', 'y', 'y')] }), /Neg 'a' reads y before/],
  [
    'a copy of itself',
    change({ nodes: [{ op: 'Identity', inputs: ['y'], outputs: ['y'] }] }),
    /reads y before/,
  ],
])('%s: stays as it is, with a reason', async (_, graph, reason) => {
  expect(await optimize(graph)).toEqual({ changed: false, reason: expect.stringMatching(reason) })
  expect(await readdir(dir)).toEqual(['source.onnx'])
})

test('refuses endlessly nested graphs', async () => {
  let attributes: GraphNode['attributes'] = {}
  for (let depth = 0; depth < 20; depth++) {
    attributes = { body: { nodes: [{ op: 'Loop', inputs: [], outputs: ['o'], attributes }], outputs: ['o'] } }
  }
  const nodes: GraphNode[] = [{ op: 'Loop', inputs: [], outputs: ['y'], attributes }]
  expect(await optimize(change({ nodes }))).toMatchObject({
    changed: false,
    reason: expect.stringContaining('nested'),
  })
})

test.each<[string, (at: number, site: Uint8Array) => Uint8Array]>([
  ['cut off', (at, site) => site.subarray(0, at)],
  ['with a flipped bit', (at, site) => site.with(at, site[at] ^ (1 << (at % 8)))],
  ['with a byte at its most', (at, site) => site.with(at, 255)],
  [
    'with a byte too many',
    (at, site) => Buffer.concat([site.subarray(0, at), bytes(at % 256), site.subarray(at)]),
  ],
])('a graph %s is rewritten or stays as it is, at any byte', async (_, damage) => {
  const site = writeSite()
  const random = createRandom(11)
  for (let count = 0; count < 80; count++) {
    const result = await optimize(damage(Math.floor(random() * site.length), site))
    if (!result.changed) expect(result.reason).toMatch(/\w+ \w+/)
  }
})

describe('rejects for problems outside of the graph', () => {
  test('a missing source', async () => {
    const result = optimizeGraph(join(dir, 'none.onnx'), join(dir, 'target.onnx'))
    await expect(result).rejects.toMatchObject({
      name: 'OnnxOptimizerError',
      code: 'SOURCE_UNREADABLE',
      message: expect.stringMatching(/none\.onnx.*ENOENT/),
    })
  })

  test('a missing folder of the target', async () => {
    await writeFile(join(dir, 'source.onnx'), writeOnnx(wasteful))
    const result = optimizeGraph(join(dir, 'source.onnx'), join(dir, 'none', 'target.onnx'))
    await expect(result).rejects.toMatchObject({ name: 'OnnxOptimizerError', code: 'TARGET_UNWRITABLE' })
  })

  test('an abort leaves no file', async () => {
    const result = optimize(writeOnnx(wasteful), AbortSignal.abort())
    await expect(result).rejects.toMatchObject({ name: 'AbortError' })
    expect(await readdir(dir)).toEqual(['source.onnx'])
  })
})
