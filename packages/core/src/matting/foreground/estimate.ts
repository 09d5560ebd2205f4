import type { Raster } from '../../shared/types.ts'
import { findSeeds } from './band.ts'
import { fuseBlurs } from './blur-fusion.ts'
import { writeBounded } from './bound.ts'
import { alignRaster, type Frame, isFractional, viewFrame } from './frame.ts'
import { type MultiLevelOptions, solveLevels } from './multi-level.ts'

/**
 * Estimates the foreground: the color of each translucent pixel without its background.
 *
 * @param rgba uint8, [height, width, 4], straight alpha; overwritten.
 * @param method `multi-level` (Germer et al. 2020, more exact, and bounded, see `writeBounded`) or `blur-fusion`
 *   (BiRefNet's method as it is).
 * @param options Options of the multi-level method.
 * @returns `rgba` itself, or a copy if its bytes do not begin at a multiple of four. Colors are unchanged where alpha is
 *   255, zero where it is 0, and the foreground's in between. Alpha is unchanged.
 */
export function estimateForeground(
  rgba: Raster,
  method: 'multi-level' | 'blur-fusion',
  options: MultiLevelOptions = {},
): Raster {
  const raster = alignRaster(rgba)
  const frame = viewFrame(raster)
  const seeds = findSeeds(frame)
  if (!seeds) return zeroTransparent(raster)
  if (method === 'multi-level') writeBounded(frame, solveLevels(frame, seeds, options))
  else {
    const rows = fuseBlurs(frame, seeds)
    for (let y = 0; y < frame.height; y++) writeRow(frame, y, rows.readRow(y))
  }
  return raster
}

/**
 * Sets the color of fully transparent pixels to zero, in place: it is invisible, and PNG becomes 5–15 % smaller.
 *
 * @param rgba uint8, [height, width, 4].
 * @returns `rgba` itself, or a copy if its bytes do not begin at a multiple of four
 */
export function zeroTransparent(rgba: Raster): Raster {
  const raster = alignRaster(rgba)
  const { pixels } = viewFrame(raster)
  for (let i = 0; i < pixels.length; i++) if (pixels[i] >>> 24 === 0) pixels[i] = 0
  return raster
}

/** Writes the colors of the translucent pixels of one row, and zero for transparent pixels. */
function writeRow({ pixels, width }: Frame, y: number, colors: Float32Array): void {
  const start = y * width
  for (let x = 0; x < width; x++) {
    const pixel = pixels[start + x]
    if (isFractional(pixel)) {
      const red = colors[x * 6] + 0.5
      const green = colors[x * 6 + 1] + 0.5
      const blue = colors[x * 6 + 2] + 0.5
      pixels[start + x] = (pixel & 0xff000000) | red | (green << 8) | (blue << 16)
    } else if (pixel >>> 24 === 0) pixels[start + x] = 0
  }
}
