import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Graph, writeOnnx } from './support/onnx.ts'

const BIN = fileURLToPath(new URL('../src/bin.ts', import.meta.url))

/** The output `negative` can be removed. A graph with only the output `kept` has nothing to optimize. */
const twoOutputs: Graph = {
  nodes: [
    { op: 'Neg', inputs: ['x'], outputs: ['kept'] },
    { op: 'Abs', inputs: ['x'], outputs: ['negative'] },
  ],
  outputs: { kept: 'float32', negative: 'float32' },
}

let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'onnx-optimizer-'))
  await writeFile(join(dir, 'in.onnx'), writeOnnx(twoOutputs))
})

afterEach(() => rm(dir, { recursive: true, force: true }))

function run(...words: string[]) {
  return execa(process.execPath, [BIN, ...words], { cwd: dir, reject: false })
}

test('writes the file and prints its size, digest and number of native nodes', async () => {
  const { exitCode, stdout } = await run('--output', 'kept', 'in.onnx', 'out.onnx')
  expect(stdout).toMatch(/^out\.onnx: \d+ bytes, sha256 [0-9a-f]{64}, native DeformConv nodes: 0$/)
  expect(exitCode).toBe(0)
  expect(await readdir(dir)).toEqual(['in.onnx', 'out.onnx'])
})

test('replaces its source only by the whole file', async () => {
  const { exitCode } = await run('--output', 'kept', 'in.onnx', 'in.onnx')
  expect(exitCode).toBe(0)
  expect(await readdir(dir)).toEqual(['in.onnx'])
  expect((await run('in.onnx', 'out.onnx')).stderr).toContain('nothing to optimize')
})

test.each([
  [
    'nothing to optimize',
    ['in.onnx', 'out.onnx'],
    3,
    /in\.onnx stays as it is: there is nothing to optimize\.$/,
  ],
  ['a missing source', ['none.onnx', 'out.onnx'], 1, /Expected to read none\.onnx, got: ENOENT.*\n {2}\w/s],
  [
    'an unwritable target',
    ['--output', 'kept', 'in.onnx', 'no/out.onnx'],
    1,
    /Expected to write no\/out\.onnx, got: ENOENT/,
  ],
  ['one path', ['in.onnx'], 2, /Expected two paths, got 1\.\n\nUsage: onnx-optimizer/],
  ['an unknown flag', ['--outputs', 'kept', 'in.onnx', 'out.onnx'], 2, /--outputs.*Usage: onnx-optimizer/s],
] as const)('%s', async (_, words, code, message) => {
  const { exitCode, stderr } = await run(...words)
  expect(stderr).toMatch(message)
  expect(exitCode).toBe(code)
  expect(await readdir(dir)).toEqual(['in.onnx'])
})

test('--help prints the usage', async () => {
  const { exitCode, stdout } = await run('--help')
  expect(stdout).toMatch(/^Usage: onnx-optimizer/)
  expect(exitCode).toBe(0)
})
