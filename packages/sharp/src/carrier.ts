import type { Matte, Raster } from '@nobg/core'
import sharp, { type Sharp } from 'sharp'

/**
 * Pixels as the file in which they enter the returned sharp instance: a PNG without compression. An instance that exists
 * before its picture's size is known can be fed with a file only; among those that need no compressing, PNG costs no more
 * than TIFF, and is what should come out where nobody names a format.
 */
export function encodeCarrier(image: Raster | Matte): Promise<Buffer> {
  const { data, width, height } = image
  if ('channels' in image) return encode(sharp(data, { raw: { width, height, channels: image.channels } }))
  return encode(sharp(data, { raw: { width, height, channels: 1 } }).toColourspace('b-w'))
}

function encode(image: Sharp): Promise<Buffer> {
  return image.png({ compressionLevel: 0, adaptiveFiltering: false, palette: false }).toBuffer()
}
