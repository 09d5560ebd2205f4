import sharp, { type Sharp } from 'sharp'
import type { Raster } from '../../src/shared/types.ts'

/** Five colors in a row, 16 × 16 px each. All but the last are inside the gamuts of all profiles of the tests. */
export const colors = [
  [200, 60, 40],
  [40, 180, 90],
  [30, 60, 200],
  [128, 128, 128],
  [255, 0, 0],
]
const side = 16

/** The five colors as a raster: uint8, [16, 80, 3]. */
export function drawSwatches(): Raster {
  const width = side * colors.length
  const data = new Uint8Array(width * side * 3)
  for (let i = 0; i < width * side; i++) data.set(colors[Math.floor((i % width) / side)], i * 3)
  return { data, width, height: side, channels: 3 }
}

/** Opens a sharp pipeline with the five colors. */
export function openSwatches(): Sharp {
  const { data, ...raw } = drawSwatches()
  return sharp(data, { raw })
}

/** Returns the color in the middle of each swatch. */
export function readSwatches({ data, width, channels }: Raster): number[][] {
  return colors.map((_, i) => {
    const at = ((side / 2) * width + i * side + side / 2) * channels
    return [...data.subarray(at, at + 3)]
  })
}
