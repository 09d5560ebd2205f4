import { describe, expect, test } from 'vitest'
import { extractAlpha, readMatte, thresholdAlpha } from '../../src/matting/matte.ts'

describe('readMatte', () => {
  test.each([
    {
      name: 'logits',
      values: [-100, -1, 0, 1, 100],
      meaning: 'logits',
      stretch: false,
      expected: [0, 69, 128, 186, 255],
    },
    {
      name: 'probability',
      values: [0, 0.2, 1, -0.5, 1.5],
      meaning: 'probability',
      stretch: false,
      expected: [0, 51, 255, 0, 255],
    },
    {
      name: 'stretched',
      values: [0.1, 0.3, 0.5],
      meaning: 'probability',
      stretch: true,
      expected: [0, 128, 255],
    },
    {
      name: 'stretched logits',
      values: [-1, 0, 1],
      meaning: 'logits',
      stretch: true,
      expected: [0, 128, 255],
    },
    {
      name: 'flat',
      values: [0.6, 0.6, 0.6],
      meaning: 'probability',
      stretch: true,
      expected: [153, 153, 153],
    },
    {
      name: 'flat but for noise',
      values: [0.6001, 0.603, 0.6],
      meaning: 'probability',
      stretch: true,
      expected: [153, 154, 153],
    },
    {
      name: 'a response below 0.1 is no subject',
      values: [0, 0.06, 0.099],
      meaning: 'probability',
      stretch: true,
      expected: [0, 0, 0],
    },
    {
      name: 'a faint response is one',
      values: [0, 0.03, 0.12],
      meaning: 'probability',
      stretch: true,
      expected: [0, 64, 255],
    },
    {
      name: 'a weak response of a network that is not stretched',
      values: [0, 0.06, 0.099],
      meaning: 'probability',
      stretch: false,
      expected: [0, 15, 25],
    },
  ] as const)('$name', ({ values, meaning, stretch, expected }) => {
    const matte = readMatte(Float32Array.from(values), values.length, 1, meaning, stretch)
    expect(matte).toMatchObject({ width: values.length, height: 1 })
    expect(matte.data).toBeInstanceOf(Uint8Array)
    expect(Array.from(matte.data)).toEqual(expected)
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('refuses %d', value => {
    const output = Float32Array.of(0, 1, 0.5, value)
    expect(() => readMatte(output, 2, 2, 'logits', false)).toThrow(
      expect.objectContaining({
        code: 'INFERENCE_FAILED',
        message: expect.stringContaining(`${value} at 1,1`),
      }),
    )
  })

  test('refuses an output of the wrong length', () => {
    expect(() => readMatte(new Float32Array(5), 2, 2, 'logits', false)).toThrow(
      expect.objectContaining({
        code: 'INFERENCE_FAILED',
        message: expect.stringContaining('2×2 = 4 values'),
      }),
    )
  })
})

describe('thresholdAlpha', () => {
  test.each([
    { threshold: 0, expected: [255, 255, 255, 255] },
    { threshold: 0.2, expected: [0, 0, 255, 255] },
    { threshold: 0.5, expected: [0, 0, 0, 255] },
    { threshold: 1, expected: [0, 0, 0, 255] },
  ])('$threshold', ({ threshold, expected }) => {
    const rgba = {
      data: Uint8Array.of(1, 2, 3, 0, 1, 2, 3, 50, 1, 2, 3, 51, 1, 2, 3, 255),
      width: 4,
      height: 1,
      channels: 4 as const,
    }
    thresholdAlpha(rgba, threshold)
    expect(Array.from(extractAlpha(rgba).data)).toEqual(expected)
    expect(Array.from(rgba.data.subarray(0, 3))).toEqual([1, 2, 3])
  })
})
