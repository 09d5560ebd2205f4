import { expect, test } from 'vitest'
import { measureCut } from '../../src/matting/measure-cut.ts'
import type { Raster } from '../../src/shared/types.ts'

const [WIDTH, HEIGHT] = [200, 100]

/** A photograph of twice the size, brighter by `step` levels from the column `x` of the matte. */
function photograph(x: number, step: number): Raster {
  const data = new Uint8Array(2 * WIDTH * 2 * HEIGHT * 3)
  for (let i = 0; i < data.length; i++) data[i] = 100 + (Math.floor(i / 3) % (2 * WIDTH) >= 2 * x ? step : 0)
  return { data, width: 2 * WIDTH, height: 2 * HEIGHT, channels: 3 }
}

/** A matte that is opaque from the column `left` to the right, in the given rows. */
function matte(left: number, rows: [first: number, end: number], alpha = 255) {
  const data = new Uint8Array(WIDTH * HEIGHT)
  for (let y = rows[0]; y < rows[1]; y++) data.fill(alpha, y * WIDTH + left, (y + 1) * WIDTH)
  return { data, width: WIDTH, height: HEIGHT }
}

test.each<[name: string, left: number, rows: [number, number], step: number, cut: number]>([
  ['an edge beside the frame', 4, [20, 80], 0, 0.6],
  ['an edge where the photograph hardly changes', 4, [20, 80], 11, 0.6],
  ['an edge that the photograph has, too', 4, [20, 80], 13, 0],
  ['an edge far from the frame', 20, [20, 80], 0, 0],
  ['a subject that the frame cuts', 0, [20, 80], 0, 0],
])('%s', (_, left, rows, step, cut) => {
  expect(measureCut(matte(left, rows), photograph(left, step))).toBeCloseTo(cut, 10)
})

test('a soft edge is no cut', () => {
  expect(measureCut(matte(4, [20, 80], 150), photograph(4, 0))).toBe(0)
})
