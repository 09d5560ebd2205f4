import { describe, expect, test } from 'vitest'
import { cropRaster, findSubjectBounds } from '../../src/matting/bounds.ts'
import type { Raster } from '../../src/shared/types.ts'

/** Makes a transparent raster and sets some pixels, given as [x, y, alpha]. */
function createDots(width: number, height: number, dots: [number, number, number][]): Raster {
  const data = new Uint8Array(width * height * 4)
  for (const [x, y, alpha] of dots) data[(y * width + x) * 4 + 3] = alpha
  return { data, width, height, channels: 4 }
}

describe('findSubjectBounds', () => {
  test.each([
    {
      name: 'two corners of the subject',
      dots: [
        [3, 8, 255],
        [7, 2, 255],
      ],
      margin: 0,
      expected: [3, 2, 5, 7],
    },
    {
      name: 'haze is not a subject',
      dots: [
        [5, 5, 13],
        [0, 0, 12],
        [9, 9, 12],
      ],
      margin: 0,
      expected: [5, 5, 1, 1],
    },
    { name: 'a margin', dots: [[5, 5, 255]], margin: 2, expected: [3, 3, 5, 5] },
    { name: 'a margin is clamped to the frame', dots: [[1, 8, 255]], margin: 3.4, expected: [0, 5, 5, 5] },
    {
      name: 'the whole frame',
      dots: [
        [0, 0, 255],
        [9, 9, 255],
      ],
      margin: 50,
      expected: [0, 0, 10, 10],
    },
  ] as { name: string; dots: [number, number, number][]; margin: number; expected: number[] }[])(
    '$name',
    ({ dots, margin, expected: [left, top, width, height] }) => {
      expect(findSubjectBounds(createDots(10, 10, dots), margin)).toEqual({ left, top, width, height })
    },
  )

  test('is undefined without a subject', () => {
    expect(findSubjectBounds(createDots(4, 4, [[1, 1, 12]]), 2)).toBeUndefined()
    expect(findSubjectBounds(createDots(1, 1, []), 0)).toBeUndefined()
  })
})

test.each([3, 4] as const)('cropRaster cuts out a rectangle of %d channels', channels => {
  const data = Uint8Array.from({ length: 6 * 4 * channels }, (_, i) => i)
  const cropped = cropRaster(
    { data, width: 6, height: 4, channels },
    { left: 2, top: 1, width: 3, height: 2 },
  )
  expect(cropped).toMatchObject({ width: 3, height: 2, channels })
  const rows = [8, 14].flatMap(pixel => Array.from({ length: 3 * channels }, (_, i) => pixel * channels + i))
  expect(Array.from(cropped.data)).toEqual(rows)
})
