import type { Raster } from '../../types.ts'
import { fuseBlurs } from './blur-fusion.ts'
import { alignRaster, type Frame, isFractional, viewFrame } from './frame.ts'
import { type MultiLevelOptions, solveLevels } from './multi-level.ts'

/**
 * Estimates the unmixed colours of a subject: what a translucent pixel would show without its background.
 *
 * @param rgba uint8, [height, width, 4], straight alpha; overwritten.
 * @param method `multi-level` (Germer et al. 2020, the better one) or `blur-fusion` (BiRefNet's own).
 * @param options Of the multi-level method only.
 * @returns `rgba` itself (a copy, if its bytes do not begin at a multiple of four): where alpha is 255 the colours are
 *   untouched, where it is 0 all four bytes are zero, and in between there are the foreground's colours. Alpha stays.
 */
export function estimateForeground(
  rgba: Raster,
  method: 'multi-level' | 'blur-fusion',
  options: MultiLevelOptions = {},
): Raster {
  const raster = alignRaster(rgba)
  const frame = viewFrame(raster)
  if (method === 'blur-fusion') fuseBlurs(frame)
  else writeLevels(frame, options)
  return zeroTransparent(raster)
}

/**
 * Sets the colour of wholly transparent pixels to zero, in place: no one sees it, and PNG is 5–15 % smaller without it.
 *
 * @param rgba uint8, [height, width, 4].
 * @returns `rgba` itself (a copy, if its bytes do not begin at a multiple of four).
 */
export function zeroTransparent(rgba: Raster): Raster {
  const raster = alignRaster(rgba)
  const { pixels } = viewFrame(raster)
  for (let i = 0; i < pixels.length; i++) if (pixels[i] >>> 24 === 0) pixels[i] = 0
  return raster
}

function writeLevels(frame: Frame, options: MultiLevelOptions): void {
  const stream = solveLevels(frame, options)
  if (!stream) return
  const { pixels, width, height } = frame
  for (let y = 0; y < height; y++) {
    const colors = stream.readRow(y)
    const start = y * width
    for (let x = 0; x < width; x++) {
      const pixel = pixels[start + x]
      if (!isFractional(pixel)) continue
      const at = x * 6
      const rgb =
        Math.round(colors[at]) | (Math.round(colors[at + 1]) << 8) | (Math.round(colors[at + 2]) << 16)
      pixels[start + x] = (pixel & 0xff000000) | rgb
    }
  }
}
