import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSession, type SessionSettings } from '../../src/models/session.ts'
import type { Model } from '../../src/models/table.ts'
import * as graphs from '../support/graphs.ts'

let dir: string
let path: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-session-'))
  path = join(dir, 'model.onnx')
})

afterAll(() => rm(dir, { recursive: true, force: true }))

const [width, height] = [6, 4]
/** Three equal planes of k/24. Their mean over the channels equals one plane. */
const input = Float32Array.from({ length: 3 * width * height }, (_, index) => (index % 24) / 24)
const plane = input.slice(0, width * height)

const settings: SessionSettings = { threads: 1, keepBuffers: false, executionProviders: ['cpu'] }

async function run(graph: Uint8Array, row: Partial<Model> = {}, keepBuffers = false) {
  const model = await graphs.saveModel(path, graph, row)
  const session = await openSession(model, path, { ...settings, keepBuffers })
  return session.run(input, width, height)
}

describe('run', () => {
  test.each<[string, Uint8Array, Partial<Model>, Float32Array, number]>([
    ['[1, 1, height, width]', graphs.brightness, {}, plane, 1e-6],
    ['[1, height, width]', graphs.flatBrightness, {}, plane, 1e-6],
    // Half precision has 11 bits, so values below 1 have an error of at most 2^-12.
    ['float16', graphs.halfBrightness, {}, plane, 2 ** -12],
    ['the first of several outputs', graphs.threeOutputs, {}, plane, 1e-6],
    ['a named output', graphs.threeOutputs, { output: 'negative' }, plane.map(value => -value), 1e-6],
    ['a named input', graphs.brightness, { input: 'x' }, plane, 1e-6],
  ])('reads %s', async (_, graph, row, expected, tolerance) => {
    const output = await run(graph, row)
    expect([output.width, output.height]).toEqual([width, height])
    expect(output.data).toHaveLength(expected.length)
    for (let i = 0; i < expected.length; i++) {
      expect(Math.abs(output.data[i] - expected[i])).toBeLessThanOrEqual(tolerance)
    }
  })

  test.each([true, false])('buffers kept: %s', async keepBuffers => {
    expect((await run(graphs.brightness, {}, keepBuffers)).data).toEqual(plane)
  })

  test('a session runs inputs of many sizes', async () => {
    const session = await openSession(await graphs.saveModel(path, graphs.brightness), path, {
      ...settings,
      threads: 0,
    })
    for (const side of [8, 1, 33]) {
      const output = await session.run(new Float32Array(3 * side * side).fill(0.5), side, side)
      expect(output.data).toEqual(new Float32Array(side * side).fill(0.5))
    }
  })

  test.each<[string, Uint8Array, Partial<Model>, RegExp]>([
    [
      'an input of bytes',
      graphs.wantsBytes,
      {},
      /plain to run at 6×4, got: .*tensor\(float\).*tensor\(uint8\)/,
    ],
    ['three channels', graphs.threeChannels, {}, /\[1, 1, height, width\], got float32 of \[1, 3, 4, 6\]/],
    ['whole numbers', graphs.wholeNumbers, {}, /float32 or float16 .* got int64/],
    ['an unknown input', graphs.brightness, { input: 'y' }, /plain to have the input 'y', got x\./],
    [
      'an unknown output',
      graphs.threeOutputs,
      { output: '1959' },
      /output '1959', got mean, negative, sequence\./,
    ],
    ['a sequence', graphs.threeOutputs, { output: 'sequence' }, /plain to run at 6×4, got: .*[Nn]on.tensor/],
    [
      'more memory than the machine has',
      graphs.absurdlyLarge,
      {},
      /plain to run at 6×4, got: .*Expand.*alloc/,
    ],
  ])('fails with a readable message: %s', async (_, graph, row, message) => {
    await expect(run(graph, row)).rejects.toMatchObject({
      code: 'INFERENCE_FAILED',
      message: expect.stringMatching(message),
      hint: expect.any(String),
    })
  })
})

describe('damaged weights', () => {
  const u2netp = join(import.meta.dirname, '../../../u2netp/weights/u2netp.onnx')

  test('finds a flipped byte of a real model, which ONNX Runtime accepts', async () => {
    const weights = await readFile(u2netp)
    const row = await graphs.saveModel(path, weights, { resolution: 320 })
    weights[weights.length >> 1] ^= 0x10
    await writeFile(path, weights)
    await expect(openSession(row, path, settings)).rejects.toMatchObject({ code: 'WEIGHTS_CORRUPT' })
    const unchecked = { ...row, sha256: undefined }
    await expect(openSession(unchecked, path, settings)).resolves.toBeDefined()
  })

  test.each([
    ['truncated', (weights: Buffer) => weights.subarray(0, weights.length >> 1)],
    ['garbage of the right size', (weights: Buffer) => Buffer.alloc(weights.length, 'x')],
    ['empty', () => Buffer.alloc(0)],
    ['a web page', () => Buffer.from('<!doctype html><title>Sign in</title>')],
  ])('%s are found without a digest', async (_, damage) => {
    await writeFile(path, damage(await readFile(u2netp)))
    const row = { ...graphs.plainModel, path }
    await expect(openSession(row, path, settings)).rejects.toMatchObject({
      code: 'WEIGHTS_CORRUPT',
      message: expect.stringContaining(`${path}: ONNX Runtime cannot open plain`),
    })
  })
})
