import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createRandom } from '../../core/test/matting/read-raster.ts'
import { type OptimizeResult, optimizeGraph } from '../src/optimize.ts'
import { addDeformConv } from './support/deform-conv.ts'
import { GraphBuilder } from './support/graph-builder.ts'
import { narrowGraph } from './support/narrow.ts'
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

/** Writes a small deformable convolution. Nearly all of its bytes are structure. */
function writeSite(convert = (graph: Graph) => graph): Uint8Array {
  const builder = new GraphBuilder(createRandom(3))
  const { output, shape } = addDeformConv(builder, 'x', [1, 1, 2, 2], { kernel: [1, 1] })
  return writeOnnx(convert(builder.finish(output, shape)))
}

/** A graph with an unused node. The optimizer changes it, so a graph that stays as it is has another reason. */
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
  ['an empty file', bytes(), /contains no ONNX graph/],
  ['a web page', Buffer.from('<!doctype html><title>404</title>'), /protobuf|longer than|contains no/],
  [
    'a Git LFS pointer',
    Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:00\n'),
    /protobuf|longer|no/,
  ],
  ['zeros', Buffer.alloc(100), /no protobuf field at byte 0/],
  ['a number of more than 10 bytes', Buffer.alloc(100, 255), /the number at byte 0 is longer than 10 bytes/],
  ['a number that is cut off', bytes(8, 255), /the number at byte 1 is cut off/],
  ['a length beyond the end', bytes(0x3a, 100, 0), /the field at byte 0 is longer than its message/],
  [
    'a negative length',
    bytes(0x3a, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1),
    /longer than its message/,
  ],
  ['a length of 2⁶³', bytes(0x3a, 128, 128, 128, 128, 128, 128, 128, 128, 128, 1), /longer than its message/],
  ['a group', bytes(0x3b, 0x3c), /no protobuf field at byte 0/],
  ['a graph that is a number', bytes(0x38, 1), /contains no message/],
  ['two graphs', inModel(field(7, Buffer.alloc(0))), /two graphs/],
  ['two versions of the operators', inModel(field(8, field(2, 19))), /has 2 versions/],
  ['local functions', inModel(field(25, field(1, 'f'))), /local functions/],
  ['training information', inModel(field(20, Buffer.alloc(0))), /training information/],
  ['sparse constants', inGraph(field(15, Buffer.alloc(0))), /sparse constants/],
  ['quantization annotations', inGraph(field(14, Buffer.alloc(0))), /quantization annotations/],
  ['two constants with one name', inGraph(field(5, field(8, 'one'))), /two constants have the name one/],
  [
    'a negative size',
    inGraph(field(5, Buffer.concat([field(1, -1), field(8, 'odd')]))),
    /tensor odd has the shape \[-1\]/,
  ],
  [
    'elements given twice',
    inGraph(field(5, Buffer.concat([field(9, 'ab'), field(9, 'ab')]))),
    /elements twice/,
  ],
  ['a name that is not text', inGraph(field(1, field(1, bytes(255, 254)))), /is not UTF-8/],
  [
    'an attribute twice',
    inGraph(field(1, Buffer.concat([field(5, field(1, 'axis')), field(5, field(1, 'axis'))]))),
    /has the attribute axis twice/,
  ],
  [
    'two writers',
    change({ nodes: [neg('a', 'x', 'y'), neg('b', 'x', 'y')] }),
    /Neg 'b' writes y, which exists already/,
  ],
  [
    'a writer of an input',
    change({ nodes: [neg('a', 'y', 'x')] }),
    /Neg 'a' reads y, which no earlier node writes/,
  ],
  [
    'a writer of a constant',
    change({ nodes: [neg('a', 'x', 'one')] }),
    /Neg 'a' writes one, which exists already/,
  ],
  [
    'a cycle',
    change({ nodes: [neg('a', 'z', 'y'), neg('b', 'y', 'z')] }),
    /Neg 'a' reads z, which no earlier/,
  ],
  ['a cycle of one node', change({ nodes: [neg('a', 'y', 'y')] }), /Neg 'a' reads y, which no earlier/],
  [
    'an Identity that copies its own output',
    change({ nodes: [{ op: 'Identity', inputs: ['y'], outputs: ['y'] }] }),
    /reads y, which no earlier/,
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
  ['with a byte of 255', (at, site) => site.with(at, 255)],
  [
    'with an additional byte',
    (at, site) => Buffer.concat([site.subarray(0, at), bytes(at % 256), site.subarray(at)]),
  ],
])('a graph %s is rewritten or stays as it is, at any byte', async (_, damage) => {
  for (const site of [writeSite(), writeSite(narrowGraph)]) {
    const random = createRandom(11)
    for (let count = 0; count < 80; count++) {
      const result = await optimize(damage(Math.floor(random() * site.length), site))
      if (!result.changed) expect(result.reason).toMatch(/\w+ .*\w+/)
    }
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
