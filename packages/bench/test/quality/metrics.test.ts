import { describe, expect, test } from 'vitest'
import { measureForegroundError } from '../../src/quality/foreground-error.ts'
import { measureGradientError } from '../../src/quality/gradient-error.ts'
import { markEdges, measureMatteError } from '../../src/quality/matte-error.ts'

describe('the error of a matte', () => {
  test('equals the value computed by hand for four pixels', () => {
    const { sad, edgeSad, mse } = measureMatteError(bytes(0, 51, 255, 255), bytes(0, 102, 153, 255), 2)
    // Differences of 0, 0.2, 0.4 and 0; all of them lie near an edge.
    expect(sad).toBeCloseTo(0.0006, 12)
    expect(edgeSad).toBeCloseTo(0.0006, 12)
    expect(mse).toBeCloseTo(((0.04 + 0.16) / 4) * 1000, 9)
  })

  test('excludes pixels far from the edges of the truth from the error at edges', () => {
    const truth = new Uint8Array(100 * 3)
    for (const y of [0, 1, 2]) truth.fill(255, y * 100, y * 100 + 20)
    const { sad, edgeSad } = measureMatteError(new Uint8Array(300), truth, 100)
    // The last ten of the twenty opaque columns have a transparent column within 10 px.
    expect([sad, edgeSad]).toEqual([0.06, 0.03])
  })

  test('marks edges up to the given distance along both axes', () => {
    const truth = new Uint8Array(49)
    truth[24] = 128
    const marks = markEdges(truth, 7, 2)
    const rows = Array.from({ length: 7 }, (_, y) => marks.slice(7 * y, 7 * y + 7).join(''))
    expect(rows).toEqual(['0000000', ...Array(5).fill('0111110'), '0000000'])
  })
})

describe('the error of gradients', () => {
  test('is zero for an inverted matte, and equal for a flat matte and both directions of a step', () => {
    const step = Uint8Array.from({ length: 32 * 16 }, (_, i) => (i % 32 < 16 ? 0 : 255))
    const mirrored = step.map(level => 255 - level)
    expect(measureGradientError(mirrored, step, 32)).toBeCloseTo(0, 12)
    // The step as columns and as rows: the same to the last digit of a sum in another order.
    const turned = Uint8Array.from({ length: 32 * 16 }, (_, i) => (Math.floor(i / 16) < 16 ? 0 : 255))
    expect(measureGradientError(new Uint8Array(512), turned, 16)).toBeCloseTo(
      measureGradientError(new Uint8Array(512), step, 32),
      12,
    )
  })

  test('equals the value computed by hand for a step', () => {
    const step = Uint8Array.from({ length: 32 * 16 }, (_, i) => (i % 32 < 16 ? 0 : 255))
    // Across a step, the derivative filter at distance d gives the sum of its weights beyond d. Along the step, the Gaussian
    // gives the sum of its weights.
    const gaussian = (x: number) => Math.exp((-x * x) / (2 * 1.4 * 1.4))
    const offsets = [-4, -3, -2, -1, 0, 1, 2, 3, 4]
    const smoothLength = Math.hypot(...offsets.map(gaussian))
    const smoothSum = offsets.reduce((sum, x) => sum + gaussian(x), 0) / smoothLength
    const deriveLength = Math.hypot(...offsets.map(x => x * gaussian(x)))
    const beyond = (d: number) => [1, 2, 3, 4].reduce((sum, x) => sum + (x >= d ? x * gaussian(x) : 0), 0)
    const perRow = [1, 2, 3, 4].reduce((sum, d) => sum + 2 * (beyond(d) / deriveLength) ** 2, 0)
    const expected = (16 * perRow * smoothSum ** 2) / 1000
    expect(measureGradientError(new Uint8Array(512), step, 32)).toBeCloseTo(expected, 9)
  })
})

test('the error of a foreground equals the value computed by hand', () => {
  const truth = bytes(0, 64, 192, 128, 255)
  const foreground = new Uint8Array(15).fill(100)
  const cutout = bytes(
    ...[0, 0, 0, 0],
    ...[106, 100, 94, 10], // difference 4, weight 64
    ...[100, 103, 100, 200], // difference 1, weight 192
    ...[0, 0, 0, 0], // no color
    ...[0, 0, 0, 255], // true alpha is opaque
  )
  expect(measureForegroundError(cutout, truth, foreground)).toBeCloseTo((64 * 4 + 192) / 256, 12)
  expect(measureForegroundError(cutout, bytes(0, 0, 0, 0, 255), foreground)).toBeNaN()
})

function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values)
}
