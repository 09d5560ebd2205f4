import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { digestWeights, verifyWeights } from '../../src/models/digest.ts'
import type { Model } from '../../src/models/table.ts'
import { plainModel } from '../support/graphs.ts'

let dir: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-digest-'))
})

afterAll(() => rm(dir, { recursive: true, force: true }))

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

describe('digestWeights', () => {
  test("returns the model's own digest", async () => {
    const sha256 = 'ab'.repeat(32)
    expect(await digestWeights({ ...plainModel, sha256, path: '/nowhere' })).toBe(sha256)
  })

  test('hashes a local file, and again after it changed', async () => {
    const path = join(dir, 'own.onnx')
    await writeFile(path, 'first')
    expect(await digestWeights({ ...plainModel, path })).toBe(digest(Buffer.from('first')))
    await writeFile(path, 'other')
    await utimes(path, 1, 1)
    expect(await digestWeights({ ...plainModel, path })).toBe(digest(Buffer.from('other')))
  })

  test.each(['missing.onnx', '.'])('%s is missing', async name => {
    const path = join(dir, name)
    await expect(digestWeights({ ...plainModel, path })).rejects.toMatchObject({
      code: 'WEIGHTS_UNAVAILABLE',
      message: expect.stringContaining(`the weights of plain at ${path}`),
      hint: expect.stringContaining("{ model: 'u2netp' }"),
    })
  })
})

describe('verifyWeights', () => {
  const bytes = Buffer.alloc(3 << 20, 'weights')
  const flipped = Buffer.from(bytes)
  flipped[2 << 20] ^= 1
  const row: Model = { ...plainModel, bytes: bytes.length, sha256: digest(bytes) }

  test('accepts the right file', async () => {
    const path = join(dir, 'right.onnx')
    await writeFile(path, bytes)
    await expect(verifyWeights(row, path)).resolves.toBeUndefined()
    await expect(
      verifyWeights({ ...row, bytes: undefined, sha256: undefined }, path),
    ).resolves.toBeUndefined()
  })

  test.each<[string, Uint8Array, RegExp]>([
    ['one flipped bit', flipped, /expected the sha256 [0-9a-f]{64} of plain, got [0-9a-f]{64}\.$/],
    ['a truncated file', bytes.subarray(0, -1), /expected the 3145728 bytes of plain, got 3145727\.$/],
    ['an empty file', new Uint8Array(), /got 0\.$/],
    ['garbage of the right size', Buffer.alloc(bytes.length, 'x'), /sha256/],
  ])('%s does not', async (_, content, message) => {
    const path = join(dir, 'wrong.onnx')
    await writeFile(path, content)
    await expect(verifyWeights(row, path)).rejects.toMatchObject({
      code: 'WEIGHTS_CORRUPT',
      message: expect.stringMatching(message),
      hint: expect.stringContaining('Delete'),
    })
  })

  test('refuses a missing file and a folder in its place', async () => {
    const folder = join(dir, 'folder.onnx')
    await mkdir(folder)
    for (const path of [join(dir, 'gone.onnx'), folder]) {
      await expect(verifyWeights({ ...row, bytes: undefined }, path)).rejects.toMatchObject({
        code: 'WEIGHTS_CORRUPT',
        message: expect.stringContaining(path),
      })
    }
  })
})
