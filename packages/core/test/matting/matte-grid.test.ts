import { expect, test } from 'vitest'
import { createMatteGrid } from '../../src/matting/matte-grid.ts'

test('a matte of at most 256 × 256 stays as it is', () => {
  const data = Uint8Array.from({ length: 200 * 3 }, (_, i) => i % 256)
  const grid = createMatteGrid({ data, width: 200, height: 3 }, 250)
  expect(grid).toMatchObject({ width: 200, height: 3, visible: 2 * 6 })
  expect(grid.data).toEqual(data)
})

test.each([[512], [320], [1000], [257]])('the mean and the visible part of %i px are kept', side => {
  const data = Uint8Array.from({ length: side * side }, (_, i) => (i % side < side / 4 ? 200 : 0))
  const grid = createMatteGrid({ data, width: side, height: side }, 13)
  expect([grid.width, grid.height]).toEqual([256, 256])
  expect(grid.visible / data.length).toBeCloseTo(Math.ceil(side / 4) / side, 10)
  const mean = grid.data.reduce((sum, alpha) => sum + alpha, 0) / grid.data.length
  // Columns of the matte differ in number by one per column of the grid.
  expect(Math.abs(mean - 50)).toBeLessThan(1)
  expect([grid.data[0], grid.data[255]]).toEqual([200, 0])
})
