import { expect, test } from 'vitest'
import { createSpans } from '../../../src/matting/foreground/band.ts'
import { correctColors, findThin } from '../../../src/matting/foreground/guess.ts'

/** Makes a gray pixel with an alpha in [0,255]. */
const createPixels = (alpha: number, gray: number) => Uint32Array.of((alpha << 24) | (gray * 0x010101))
const WHOLE = { edges: Int32Array.of(0, 1), count: 1 }

test.each([
  { alpha: 255, gray: 80, expected: [80, 40] },
  { alpha: 0, gray: 80, expected: [180, 80] },
  { alpha: 85, gray: 70, expected: [170, 20] },
  { alpha: 85, gray: 255, expected: [255, 242] },
])(
  'a guess of 180 over 40 becomes $expected for a pixel of $gray with alpha $alpha',
  ({ alpha, gray, expected }) => {
    const colors = Float32Array.of(180, 180, 180, 40, 40, 40)
    correctColors(WHOLE, { pixels: createPixels(alpha, gray), colors })
    expect(colors[0]).toBeCloseTo(expected[0], 0)
    expect(colors[5]).toBeCloseTo(expected[1], 0)
  },
)

test('thin alpha ends below 82 %', () => {
  const pixels = Uint32Array.from([255, 209, 0, 210, 100, 100, 255, 1], alpha => (alpha << 24) >>> 0)
  const thin = createSpans(8)
  findThin({ edges: Int32Array.of(0, 5, 5, 8), count: 2 }, pixels, thin)
  expect([thin.count, ...thin.edges.subarray(0, 8)]).toEqual([4, 1, 3, 4, 5, 5, 6, 7, 8])
})
