import sharp from 'sharp'
import type { Raster } from '../shared/types.ts'
import { enlargeColors } from './enlarge.ts'
import { freeMemory } from './memory.ts'

/**
 * Scales a raster to a network's input: uint8, [height, width, 3], sRGB, stretched without regard to the aspect ratio.
 * Bilinear, antialiased where it shrinks, as in the models' reference preprocessing (Pillow, torchvision). Alpha is left
 * out, and the colors under it count as they are. The array is always a new one.
 */
export async function resizeForModel(raster: Raster, width: number, height: number): Promise<Raster> {
  // Within one pipeline sharp resizes first, and weighs the colors by their alpha, which must then be the same all over.
  const colors = isOpaque(raster) ? raster : await shrink(raster, raster.width, raster.height)
  const shrunk = await shrink(colors, Math.min(width, colors.width), Math.min(height, colors.height))
  if (colors !== raster && colors !== shrunk) freeMemory(colors.data)
  // sharp moves an image by half a pixel when it enlarges it, and the matte would move with it.
  const scaled = enlargeColors(shrunk, width, height)
  if (shrunk !== raster && shrunk !== scaled) freeMemory(shrunk.data)
  return scaled === raster ? { ...raster, data: raster.data.slice() } : scaled
}

function isOpaque({ data, channels }: Raster): boolean {
  if (channels === 3) return true
  for (let i = 3; i < data.length; i += 4) if (data[i] !== 255) return false
  return true
}

/** Shrinks, or keeps the size, and leaves the alpha out. */
async function shrink(raster: Raster, width: number, height: number): Promise<Raster> {
  const { data, ...raw } = raster
  if (width === raw.width && height === raw.height && raw.channels === 3) return raster
  const image = sharp(data, { raw }).resize(width, height, { fit: 'fill', kernel: 'linear' })
  return { data: await image.removeAlpha().raw().toBuffer(), width, height, channels: 3 }
}
