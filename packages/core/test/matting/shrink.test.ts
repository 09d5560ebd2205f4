import { expect, test } from 'vitest'
import { shrinkMatte } from '../../src/matting/shrink.ts'
import { createRandom } from './read-raster.ts'

test('returns a matte that is small enough unchanged', () => {
  const matte = { data: Uint8Array.of(1, 2), width: 2, height: 1 }
  expect(shrinkMatte(matte, 2, 1)).toBe(matte)
  expect(shrinkMatte(matte, 9, 9)).toBe(matte)
})

test.each([
  { name: 'whole areas', data: [0, 100, 200, 40], width: 4, height: 1, to: [2, 1], expected: [50, 120] },
  { name: 'shares of samples', data: [0, 90, 255], width: 3, height: 1, to: [2, 1], expected: [30, 200] },
  { name: 'one side only', data: [0, 255], width: 1, height: 2, to: [5, 1], expected: [128] },
  { name: 'down to one', data: [10, 20, 30, 40], width: 2, height: 2, to: [1, 1], expected: [25] },
])('averages areas: $name', ({ data, width, height, to, expected }) => {
  expect(Array.from(shrinkMatte({ data: Uint8Array.from(data), width, height }, to[0], to[1]).data)).toEqual(
    expected,
  )
})

test.each([
  [37, 53],
  [100, 7],
  [1, 1],
])('keeps the mean, and opaque opaque, at %d×%d', (width, height) => {
  const random = createRandom(7)
  const noise = { data: Uint8Array.from({ length: 101 * 99 }, () => random() * 256), width: 101, height: 99 }
  expect(findMean(shrinkMatte(noise, width, height).data)).toBeCloseTo(findMean(noise.data), 0)
  const opaque = shrinkMatte({ ...noise, data: noise.data.map(() => 255) }, width, height)
  expect(opaque.data.every(alpha => alpha === 255)).toBe(true)
})

function findMean(data: Uint8Array): number {
  return data.reduce((sum, alpha) => sum + alpha, 0) / data.length
}
