import { expect, test } from 'vitest'
import { createInputTensor } from '../../src/matting/tensor.ts'

test('writes planes of (x / 255 − mean) / std', () => {
  const rgb = { data: Uint8Array.of(0, 51, 255, 102, 153, 204), width: 2, height: 1, channels: 3 as const }
  const tensor = createInputTensor(rgb, { mean: [0.5, 0.4, 0.2], std: [1, 0.2, 0.5] })
  const expected = [-0.5, -0.1, -1, 1, 1.6, 1.2]
  expect(tensor).toBeInstanceOf(Float32Array)
  expect(tensor.length).toBe(6)
  for (const [i, value] of expected.entries()) expect(tensor[i]).toBeCloseTo(value, 6)
})

test('ignores a fourth channel', () => {
  const identity = { mean: [0, 0, 0], std: [1, 1, 1] } as const
  const rgba = {
    data: Uint8Array.of(255, 0, 51, 9, 0, 255, 102, 9),
    width: 1,
    height: 2,
    channels: 4 as const,
  }
  expect(Array.from(createInputTensor(rgba, identity), value => Math.round(value * 255))).toEqual([
    255, 0, 0, 255, 51, 102,
  ])
})
