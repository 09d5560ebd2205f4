import { expect, test } from 'vitest'
import { createBoxSums } from '../../../src/matting/foreground/box-sums.ts'
import { createRandom } from '../read-raster.ts'

/** Mirrors an index at the borders, step by step. */
function walk(index: number, length: number): number {
  let at = 0
  let step = 1
  for (let i = 0; i < Math.abs(index); i++) {
    if (at + step < 0 || at + step >= length) step = -step
    if (length > 1) at += step
  }
  return at
}

test.each([
  { width: 12, height: 9, size: 6 },
  { width: 5, height: 4, size: 6 },
  { width: 1, height: 30, size: 10 },
  { width: 30, height: 1, size: 10 },
  { width: 2, height: 2, size: 12 },
  { width: 1, height: 1, size: 4 },
])('sums windows of $size px over $width×$height', ({ width, height, size }) => {
  const random = createRandom(3)
  const values = Int32Array.from({ length: width * height * 2 }, () => random() * 1000)
  const source = {
    width,
    height,
    channels: 2,
    writeRow: (y: number, row: Int32Array) => row.set(values.subarray(y * width * 2, (y + 1) * width * 2)),
  }
  const sums = createBoxSums(source, size)
  for (let y = 0; y < height; y++) {
    const row = sums.readRow(y, { edges: Int32Array.of(0, width), count: 1 })
    for (let x = 0; x < width; x++) {
      const expected = [0, 0]
      for (let dy = -size / 2; dy < size / 2; dy++) {
        for (let dx = -size / 2; dx < size / 2; dx++) {
          const at = (walk(y + dy, height) * width + walk(x + dx, width)) * 2
          expected[0] += values[at]
          expected[1] += values[at + 1]
        }
      }
      expect([row[2 * x], row[2 * x + 1]]).toEqual(expected)
    }
  }
})
