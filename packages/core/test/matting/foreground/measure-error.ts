import type { Raster } from '../../../src/shared/types.ts'

/**
 * Returns the mean absolute difference from the true foreground over the translucent pixels, in levels, weighted by alpha:
 * the visible error on any background.
 *
 * @param truth uint8, [height, width, 3].
 */
export function measureError(cutout: Raster, truth: Raster): number {
  let sum = 0
  let count = 0
  for (let i = 0; i < cutout.width * cutout.height; i++) {
    const alpha = cutout.data[4 * i + 3]
    if (alpha === 0 || alpha === 255) continue
    for (let channel = 0; channel < 3; channel++) {
      sum += (alpha / 255) * Math.abs(cutout.data[4 * i + channel] - truth.data[3 * i + channel])
    }
    count += 3
  }
  return sum / count
}
