import { describe, expect, test } from 'vitest'
import { estimateForeground } from '../../../src/matting/foreground/estimate.ts'
import type { Raster } from '../../../src/shared/types.ts'
import { copyRaster, createNoise, findShared, GOLDEN_DIR, readRgb, readRgba } from '../read-raster.ts'
import { fusePlainly } from './fuse-plainly.ts'

/** Returns the greatest difference over the translucent pixels, in levels. */
function measureDistance(cutout: Raster, golden: ArrayLike<number>): number {
  let greatest = 0
  for (let i = 0; i < cutout.width * cutout.height; i++) {
    const alpha = cutout.data[4 * i + 3]
    if (alpha === 0 || alpha === 255) continue
    for (let channel = 0; channel < 3; channel++) {
      greatest = Math.max(greatest, Math.abs(cutout.data[4 * i + channel] - golden[3 * i + channel]))
    }
  }
  return greatest
}

describe('is within 1 level of OpenCV', () => {
  test.each(['synthetic-small', 'synthetic-hair'])('%s', async name => {
    const rgba = await readRgba(`${GOLDEN_DIR}${name}.image.png`, `${GOLDEN_DIR}${name}.alpha.png`)
    const golden = await readRgb(`${GOLDEN_DIR}${name}.fg.png`)
    expect(measureDistance(estimateForeground(rgba, 'blur-fusion'), golden.data)).toBeLessThanOrEqual(1)
  })

  test('lemur-crop', async ({ skip }) => {
    const golden = await readRgb(findShared('golden/lemur-crop.fg.png', skip))
    const rgba = await readRgba(
      findShared('golden/lemur-crop.image.png', skip),
      findShared('golden/lemur-crop.alpha.png', skip),
    )
    expect(measureDistance(estimateForeground(rgba, 'blur-fusion'), golden.data)).toBeLessThanOrEqual(1)
  })
})

test.each([
  [1, 1],
  [2, 1],
  [1, 120],
  [130, 3],
  [40, 95],
])('is within 1 level of plain means: %d×%d px of noise', (width, height) => {
  const rgba = createNoise(width, height)
  const plain = fusePlainly(rgba)
  expect(measureDistance(estimateForeground(copyRaster(rgba), 'blur-fusion'), plain)).toBeLessThanOrEqual(1)
})
