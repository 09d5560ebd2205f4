import sharp from 'sharp'
import type { Raster } from '../types.ts'
import { enlargeColors } from './enlarge.ts'
import { readOutput } from './read-output.ts'

/**
 * Scales a raster to a network's input: uint8, [height, width, 3], sRGB, stretched without regard to the aspect ratio.
 * Bilinear, antialiased where it shrinks, as in the models' reference preprocessing (Pillow, torchvision). Alpha is left
 * out, and the colours under it count as they are. The array is always a new one, free to be transferred to a worker.
 */
export async function resizeForModel(raster: Raster, width: number, height: number): Promise<Raster> {
  const colors = await removeAlpha(raster)
  const shrunk = await shrink(colors, Math.min(width, colors.width), Math.min(height, colors.height))
  // sharp moves an image by half a pixel when it enlarges it, and the matte would move with it.
  const scaled = enlargeColors(shrunk, width, height)
  return scaled === raster ? { ...raster, data: raster.data.slice() } : scaled
}

async function shrink(raster: Raster, width: number, height: number): Promise<Raster> {
  if (width === raster.width && height === raster.height) return raster
  const raw = { width: raster.width, height: raster.height, channels: 3 } as const
  const image = sharp(raster.data, { raw }).resize(width, height, { fit: 'fill', kernel: 'linear' })
  const { data } = await readOutput(image.raw())
  return { data, width, height, channels: 3 }
}

/** A step of its own: within one pipeline sharp resizes first, and weighs the colours by their alpha. */
async function removeAlpha(raster: Raster): Promise<Raster> {
  if (raster.channels === 3) return raster
  const { width, height } = raster
  const image = sharp(raster.data, { raw: { width, height, channels: 4 } })
  const { data } = await readOutput(image.removeAlpha().raw())
  return { data, width, height, channels: 3 }
}
