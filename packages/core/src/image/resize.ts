import sharp from 'sharp'
import type { Raster } from '../shared/types.ts'
import { enlargeColors } from './enlarge.ts'
import { freeMemory } from './memory.ts'

/**
 * Scales a raster to the size of a network's input: uint8, [height, width, 3], sRGB, in a new array. Ignores the aspect
 * ratio and alpha. Bilinear, antialiased when shrinking, as in the models' preprocessing (Pillow, torchvision).
 */
export async function resizeForModel(raster: Raster, width: number, height: number): Promise<Raster> {
  // Remove alpha in a separate pipeline: sharp resizes first, and weights colors by alpha.
  const colors = isOpaque(raster) ? raster : await shrink(raster, raster.width, raster.height)
  const shrunk = await shrink(colors, Math.min(width, colors.width), Math.min(height, colors.height))
  if (colors !== raster && colors !== shrunk) freeMemory(colors.data)
  // Not with sharp: it shifts an image by half a pixel when it enlarges, and the matte would be shifted too.
  const scaled = enlargeColors(shrunk, width, height)
  if (shrunk !== raster && shrunk !== scaled) freeMemory(shrunk.data)
  return scaled === raster ? { ...raster, data: raster.data.slice() } : scaled
}

function isOpaque({ data, channels }: Raster): boolean {
  if (channels === 3) return true
  for (let i = 3; i < data.length; i += 4) if (data[i] !== 255) return false
  return true
}

/** Shrinks a raster, or keeps its size, and removes alpha. */
async function shrink(raster: Raster, width: number, height: number): Promise<Raster> {
  const { data, ...raw } = raster
  if (width === raw.width && height === raw.height && raw.channels === 3) return raster
  const image = sharp(data, { raw }).resize(width, height, { fit: 'fill', kernel: 'linear' })
  return { data: await image.removeAlpha().raw().toBuffer(), width, height, channels: 3 }
}
