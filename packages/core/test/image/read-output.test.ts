import sharp from 'sharp'
import { expect, test } from 'vitest'
import { readOutput } from '../../src/image/read-output.ts'

test('gives bytes that can be transferred', async () => {
  const image = sharp({ create: { width: 3, height: 2, channels: 3, background: '#010203' } })
  const { data, info } = await readOutput(image.raw())
  expect(info).toMatchObject({ width: 3, height: 2, channels: 3 })
  const moved = structuredClone(data, { transfer: [data.buffer as ArrayBuffer] })
  expect([...moved.subarray(0, 6)]).toEqual([1, 2, 3, 1, 2, 3])
  expect(data.byteLength).toBe(0)
})
